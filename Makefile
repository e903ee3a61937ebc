# fpctl: `make help` lists the targets.
#
#   B=DIR    the build folder (default build)
#   SAN=1    with AddressSanitizer and UndefinedBehaviorSanitizer, in $(B)/san
#   RELEASE=1 all libraries but glibc linked in, in $(B)/release; see `make release`
#   V=1      show the commands

B       ?= build
PREFIX  ?= /usr/local
VERSION := $(shell cat VERSION)
ARCH    := $(subst aarch64,arm64,$(shell uname -m))
LINUX   := $(filter Linux,$(shell uname))
,       := ,
Q       := $(if $(V),,@)
JOBS    := $(if $(filter -j% -%j,$(MAKEFLAGS)),,-j$(shell getconf _NPROCESSORS_ONLN))

ifdef SAN
O       := $(B)/san
OPT     := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
else ifdef RELEASE
O       := $(B)/release
STATIC  := $(abspath $(B))/static
CPPFLAGS += -I$(STATIC)/include
OPT     := -O3 -ffunction-sections -fdata-sections
LDFLAGS += -s -Wl$(,)--gc-sections
else
O       := $(B)
OPT     ?= -O2 -g
endif

PKGS    := yaml-0.1 libcurl libcrypto libcjson expat libzip zlib libmicrohttpd sqlite3 libpcre2-8
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
CPPFLAGS += -D_GNU_SOURCE -DFPCTL_VERSION='"$(VERSION)"' -Ilib
CFLAGS  += -std=c17 $(OPT) $(WARN) $(if $(WERROR),-Werror) -fstack-protector-strong -pthread
LDFLAGS += $(filter -fsanitize%,$(OPT)) -pthread $(if $(LINUX),-Wl$(,)--as-needed)

# The libraries that each folder's code calls, for the linker.
ifdef RELEASE
PC       = -Wl,-Bstatic $(filter-out -ldl -lm -lpthread -pthread,$(shell PKG_CONFIG_PATH=$(STATIC)/lib/pkgconfig \
	pkg-config --static --libs $(1))) -Wl,-Bdynamic
else
PC       = $(shell pkg-config --libs $(1) 2>/dev/null)
endif
LIBS    := $(call PC,$(PKGS)) -lm
LIBS_PROCESSOR := $(call PC,libcurl libcrypto libcjson expat zlib) -lm

# lib/LAYERS gives each folder what it may include, and so what it links with.
FOLDERS := $(shell sed -n 's/^\([a-z]*\):.*/\1/p' lib/LAYERS)
edges    = $(shell sed -n 's|^$(1): *||p' lib/LAYERS)
reverse  = $(if $(1),$(call reverse,$(wordlist 2,$(words $(1)),$(1))) $(firstword $(1)))
archives = $(patsubst %,$(O)/lib/%.a,$(call reverse,$(1)))

src      = $(sort $(wildcard lib/$(1)/*.c lib/$(1)/*/*.c))
STACKS  := $(sort $(wildcard stacks/*.yaml))
GEN      = $(if $(filter render,$(1)),$(O)/gen/stacks.o $(O)/gen/templates.o)$(if $(filter cfn,$(1)),$(O)/gen/facts.o)
FPCTL   := $(O)/fpctl
BOOTSTRAP := $(O)/lambda/$(ARCH)/bootstrap
PROCESSOR_OBJ := $(patsubst %.c,$(O)/%.o,$(filter-out %/main.c,$(wildcard lambda/processor/*.c)))
UNITS   := $(patsubst test/unit/%.c,%,$(sort $(wildcard test/unit/*/test_*.c)))
FUZZERS := $(patsubst test/fuzz/%.c,%,$(sort $(wildcard test/fuzz/fuzz_*.c)))
OWN_C   := $(shell find cmd lib lambda tools test -name '*.[ch]' 2>/dev/null | sort)

.DEFAULT_GOAL := all
.SECONDARY:
.DELETE_ON_ERROR:

##@ Build
all: $(FPCTL) $(BOOTSTRAP) $(O)/man/fpctl.1 ## Build fpctl, the processor and the man page

define folder_rules
$(O)/lib/$(1).a: $(patsubst %.c,$(O)/%.o,$(call src,$(1))) $(call GEN,$(1))
	$(Q)rm -f $$@ && ar rcs$(if $(LINUX),D) $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call folder_rules,$(f))))

$(O)/%.o: %.c
	$(Q)mkdir -p $(@D) && echo "  CC   $<" && $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
$(O)/gen/%.o: $(O)/gen/%.c
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(O)/tools/%: tools/%.c
	$(Q)mkdir -p $(@D) && $(CC) -std=c17 -O1 $(WARN) -o $@ $<
$(O)/gen/stacks.c: $(STACKS) $(O)/tools/embed
	$(Q)mkdir -p $(@D) && $(O)/tools/embed -t embed_stacks $(STACKS) >$@
$(O)/gen/templates.c: $(STACKS) $(O)/tools/embed_nodes
	$(Q)mkdir -p $(@D) && $(O)/tools/embed_nodes embed_templates $(STACKS) >$@
$(O)/tools/embed_nodes: tools/embed_nodes.c $(call archives,base yaml)
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
$(O)/gen/facts.c: lib/cfn/facts.json $(O)/tools/embed_nodes
	$(Q)mkdir -p $(@D) && $(O)/tools/embed_nodes embed_facts $< >$@

# The release stands at a fixed address: 38,000 relocations less at each start.
$(FPCTL): $(patsubst %.c,$(O)/%.o,$(sort $(wildcard cmd/fpctl/*.c))) $(call archives,$(call edges,cmd/fpctl))
	$(Q)echo "  LD   $@" && $(CC) $(CFLAGS) $(LDFLAGS) $(if $(RELEASE),-no-pie) -o $@ $^ $(LIBS)

$(BOOTSTRAP): $(patsubst %.c,$(O)/%.o,$(sort $(wildcard lambda/processor/*.c))) $(call archives,$(call edges,lambda/processor))
	$(Q)mkdir -p $(@D) && echo "  LD   $@" && $(CC) $(CFLAGS) $(LDFLAGS) $(if $(SAN),,-s) -o $@ $^ $(LIBS_PROCESSOR)

release: ## The same with all libraries but glibc linked in: starts faster, zips smaller (Debian)
	$(Q)tools/deps --quiet build release && tools/static-libs $(B)/static && $(MAKE) --no-print-directory $(JOBS) RELEASE=1 all

# The man page and the completions come from the command table.
$(O)/man/fpctl.1: $(FPCTL)
	$(Q)mkdir -p $(@D) && $(FPCTL) help --man >$@

##@ Try it
deps: ## Install the packages that are missing (apt, dnf or brew)
	$(Q)tools/deps
demo: ## Deploy the example to the emulator on this machine and process files
	$(Q)tools/deps --quiet build && $(MAKE) --no-print-directory $(JOBS) all && tools/demo $(FPCTL)
demo-down: ## Stop the demo's emulator and remove its state
	$(Q)tools/demo --down $(FPCTL)

##@ Test
test: ## Run every test (installs what is missing)
	$(Q)tools/deps --quiet build test && $(MAKE) --no-print-directory $(JOBS) all && tools/run-tests B=$(B) unit golden e2e
unit golden e2e fuzz: all ## One kind of test: unit, golden, e2e, fuzz (30 s a target)
	$(Q)tools/run-tests B=$(B) $@
asan: ## Build with sanitizers and run every test again
	$(Q)tools/deps --quiet build test && $(MAKE) --no-print-directory $(JOBS) SAN=1 all && tools/run-tests B=$(B) SAN=1 unit golden e2e
valgrind: all ## Run the main commands under valgrind
	$(Q)tools/run-tests B=$(B) valgrind
bench: all $(O)/test/bench/bench_inspect $(O)/test/bench/bench_emulator $(O)/test/bench/bench_sign ## Print ratios against named peers and floors
	$(Q)test/bench/run $(O)

# What a folder's tests need beyond its own edges: the emulator is asked as by a client.
TESTS_emulator := http
define unit_rules
$(O)/test/unit/$(1)/test_%: $(O)/test/unit/$(1)/test_%.o $(call archives,$(call edges,$(1)) $(TESTS_$(1)) $(1))
	$(Q)echo "  LD   $$@" && $(CC) $(CFLAGS) $(LDFLAGS) -o $$@ $$^ $(LIBS) $(call PC,check)
unit-$(1): $(patsubst %,$(O)/test/unit/%,$(filter $(1)/%,$(UNITS)))
	$(Q)for t in $$^; do $$$$t || exit 1; done
endef
$(foreach f,$(FOLDERS),$(eval $(call unit_rules,$(f))))
$(O)/test/bench/bench_inspect: $(O)/test/bench/bench_inspect.o $(PROCESSOR_OBJ) $(call archives,$(call edges,lambda/processor))
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_PROCESSOR)
$(O)/test/bench/bench_emulator: $(patsubst %,$(O)/test/bench/%.o,bench_emulator load floor) $(call archives,$(call edges,cmd/fpctl))
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
$(O)/test/bench/bench_sign: $(O)/test/bench/bench_sign.o $(call archives,base wire)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
$(O)/test/unit/processor/test_%: $(O)/test/unit/processor/test_%.o $(PROCESSOR_OBJ) $(call archives,$(call edges,lambda/processor))
	$(Q)echo "  LD   $@" && $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_PROCESSOR) $(call PC,check)
unit-processor: $(patsubst %,$(O)/test/unit/%,$(filter processor/%,$(UNITS)))
	$(Q)for t in $^; do $$t || exit 1; done
$(O)/test/%.o: CPPFLAGS += -Itest/unit -Ilambda
# Programs that the end-to-end tests drive, so that a real client's answers can be
# compared with ours: in $(O)/test/peer, beside fpctl.
PEERS   := $(patsubst %.c,$(O)/%,$(sort $(wildcard test/peer/*.c)))
$(O)/test/peer/%: $(O)/test/peer/%.o $(call archives,$(call edges,aws) aws)
	$(Q)echo "  LD   $@" && $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
peers: $(PEERS)
units: $(patsubst %,$(O)/test/unit/%,$(UNITS))

# Fuzzers need clang's libFuzzer; tools/run-tests fuzz builds and runs them.
$(B)/fuzz/%.o: %.c
	$(Q)mkdir -p $(@D) && clang $(CPPFLAGS) -Ilambda -std=c17 -O1 -g -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c -o $@ $<
$(B)/fuzz/gen/%.o: $(B)/gen/%.c
	$(Q)mkdir -p $(@D) && clang $(CPPFLAGS) -std=c17 -O1 -c -o $@ $<
FUZZ_OBJ = $(patsubst %.c,$(B)/fuzz/%.o,$(foreach f,$(FOLDERS),$(call src,$(f))) $(filter-out %/main.c,$(wildcard lambda/processor/*.c))) $(B)/fuzz/gen/stacks.o $(B)/fuzz/gen/templates.o $(B)/fuzz/gen/facts.o
$(B)/fuzz/all.a: $(FUZZ_OBJ)
	$(Q)rm -f $@ && ar rcs$(if $(LINUX),D) $@ $^
$(B)/fuzz/fuzz_%: $(B)/fuzz/test/fuzz/fuzz_%.o $(B)/fuzz/all.a
	$(Q)clang -fsanitize=fuzzer,address,undefined -pthread -o $@ $^ $(LIBS)
fuzzers: $(patsubst %,$(B)/fuzz/%,$(FUZZERS))

##@ Keep the house
lint: compile_commands.json $(FPCTL) ## clang-format, clang-tidy, cppcheck, shellcheck, stale docs
	$(Q)tools/lint $(B)
layers: ## Check every include against lib/LAYERS
	$(Q)tools/layers
fmt: ## Format the C code in place
	$(Q)clang-format -i $(OWN_C)
compile_commands.json: ## For clangd and clang-tidy
	$(Q)tools/compile-commands "$(filter-out -DFPCTL_VERSION%,$(CPPFLAGS)) -Itest/unit -Ilambda -std=c17 $(WARN)" >$@

##@ Install
install: all ## Install into PREFIX (default /usr/local; DESTDIR honoured)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/fpctl/$(ARCH) $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	install -m 755 $(FPCTL) $(DESTDIR)$(PREFIX)/bin/fpctl
	install -m 755 $(BOOTSTRAP) $(DESTDIR)$(PREFIX)/libexec/fpctl/$(ARCH)/bootstrap
	install -m 644 $(O)/man/fpctl.1 $(DESTDIR)$(PREFIX)/share/man/man1/fpctl.1
	$(FPCTL) completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/fpctl
	$(FPCTL) completion zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_fpctl
	$(FPCTL) completion fish >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/fpctl.fish
clean: ## Remove the build folder
	rm -rf $(B) compile_commands.json

##@ Help
help: ## This list
	$(Q)awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z][a-z0-9_. -]*:.*## / {printf "  %-24s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: all release deps demo demo-down test unit golden e2e fuzz asan valgrind bench units peers fuzzers lint layers fmt compile_commands.json install clean help $(addprefix unit-,$(FOLDERS)) unit-processor

-include $(shell find $(O) -path '*/static' -prune -o -name '*.d' -print 2>/dev/null)
