"""Our side: one process for all questions, and what counts as passed."""
import json
import os
import subprocess
import sys
import threading

SEED = os.environ.get("SIGV4_SEED", "1")
counts = {"passed": 0, "failed": 0}


def result(ok, name, why=""):
    counts["passed" if ok else "failed"] += 1
    print(f"{'ok  ' if ok else 'not ok'} {name}")
    if not ok:
        print("     | " + str(why).replace("\n", "\n     | "))


def ask_all(questions):
    """Answers in the order of the questions; they are made as they are asked."""
    with subprocess.Popen([os.environ["SIGV4_PEER"]], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        def ask():
            for question in questions:
                process.stdin.write(json.dumps(question).encode() + b"\n")
            process.stdin.close()
        asking = threading.Thread(target=ask)
        asking.start()
        answers = [json.loads(line) for line in process.stdout]
        asking.join()
    if process.returncode or len(answers) != len(questions):
        result(False, "the peer answers", f"status {process.returncode}, "
               f"{len(answers)} answers to {len(questions)} questions")
        finish()
    return answers


def finish():
    print(f"counts {counts['passed']} {counts['failed']}")
    sys.exit(1 if counts["failed"] else 0)
