/*
 * embed [-t TABLE] FILE...: the files' bytes as C, on stdout.
 *
 * Each file becomes `embed_PATH` (every character but letters and digits an
 * underscore) and `embed_PATH_size`. With -t a table of struct embed follows,
 * named by the files' names without folder and ending, closed by a NULL name.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void symbol(const char *path)
{
	printf("embed_");
	for (; *path; path++)
		putchar(isalnum((unsigned char)*path) ? *path : '_');
}

static int embed(const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t n = 0;
	int c;

	if (!f) {
		perror(path);
		return -1;
	}
	printf("extern const unsigned char ");
	symbol(path);
	printf("[];\nextern const size_t ");
	symbol(path);
	printf("_size;\nconst unsigned char ");
	symbol(path);
	printf("[] = {");
	while ((c = fgetc(f)) != EOF)
		printf("%s%d,", n++ % 24 ? "" : "\n", c);
	printf("\n0};\nconst size_t ");
	symbol(path);
	printf("_size = %zu;\n", n);
	return fclose(f);
}

static void table(const char *name, char **files, int n)
{
	printf("#include \"base/embed.h\"\nextern const struct embed %s[];\n"
	       "const struct embed %s[] = {\n",
	       name, name);
	for (int i = 0; i < n; i++) {
		const char *base = strrchr(files[i], '/');
		const char *dot;

		base = base ? base + 1 : files[i];
		dot = strchr(base, '.');
		printf("{ \"%.*s\", ", dot ? (int)(dot - base) : (int)strlen(base), base);
		symbol(files[i]);
		printf(", sizeof(");
		symbol(files[i]);
		printf(") - 1 },\n");
	}
	printf("{ NULL, NULL, 0 }\n};\n");
}

int main(int argc, char **argv)
{
	const char *name = NULL;
	int first = 1;

	if (argc > 2 && !strcmp(argv[1], "-t")) {
		name = argv[2];
		first = 3;
	}
	printf("#include <stddef.h>\n");
	for (int i = first; i < argc; i++)
		if (embed(argv[i]) < 0)
			return EXIT_FAILURE;
	if (name)
		table(name, argv + first, argc - first);
	return EXIT_SUCCESS;
}
