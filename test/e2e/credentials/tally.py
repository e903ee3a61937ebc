"""Checks that count, for test/e2e's `counted`."""


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, name, fine, why=""):
        if fine:
            self.passed += 1
            print("ok  ", name)
            return
        self.failed += 1
        print("not ok", name)
        for line in str(why).splitlines():
            print("     |", line)

    def skip(self, what):
        self.skipped += 1
        print("skip", what)

    def end(self):
        print("counts", self.passed, self.failed, self.skipped)
