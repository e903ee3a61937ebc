"""Run every case: botocore against the emulator that the environment names."""
import importlib
import sys

import check

ALL = ('s3_objects', 's3_buckets', 's3_wire', 'services', 'functions', 'queues',
       'monitoring', 'stacks')
for module in sys.argv[1:] or ALL:
    importlib.import_module(module)
check.run()
