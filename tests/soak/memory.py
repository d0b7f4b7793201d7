#!/usr/bin/env python3
"""Publishes, fetches and verifies made models over a devnet and prints peak resident memory.

    tests/soak/memory.py [--sizes 256MiB,1GiB,4GiB] [--memory 256MiB] [--scratch DIR]
                         [--program build/release/bin]

One line a size: the peak of each command, in MiB, as the kernel keeps it, and seconds of core time.
Publish and fetch get the setting --memory; besides it they may take what a program needs to begin
with (tables, threads, libraries) and the commitments of the object. Needs five times the largest
model in the scratch folder. Ends with status 1 if a command fails or passes --memory by 256 MiB.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BESIDE_MIB = 256  # What a command may take beside the setting.
UNITS = {"MiB": 1, "GiB": 1024}


def mebibytes(text):
    return int(text[:-3]) * UNITS[text[-3:]]


def run(words):
    """(peak resident MiB, core seconds, standard output) of a command that must end with 0."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(words, stdout=out, stderr=subprocess.PIPE)
        errors = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode()
    if process.returncode != 0:
        raise RuntimeError(f"{words[1]} ended with {process.returncode}: {errors}")
    return usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime, text


def measure(options, size, work):
    ashlar = Path(options.program) / "ashlar"
    model, out, devnet = work / "model", work / "out", work / "devnet"
    subprocess.run([Path(options.program) / "make-checkpoint", "--bytes", size, "--out", model],
                   check=True)
    committee = ["--committee", devnet / "committee.json"]
    memory = ["--memory", options.memory]
    run([ashlar, "devnet", "up", "--nodes", "8", "--dir", devnet])
    try:
        publish = run([ashlar, "publish", model, "--key", work / "key", "--journal",
                       work / "journals", "--json", *memory, *committee])
        root = json.loads(publish[2].strip().splitlines()[-1])["root"]
        fetch = run([ashlar, "fetch", root, out, "--scratch", work, *memory, *committee])
        verify = run([ashlar, "verify", root, out, *committee])
    finally:
        run([ashlar, "devnet", "down", "--wipe", "--dir", devnet])
    return {"publish": publish, "fetch": fetch, "verify": verify}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="256MiB,1GiB,4GiB")
    parser.add_argument("--memory", default="256MiB")
    parser.add_argument("--scratch", default=None)
    parser.add_argument("--program", default=ROOT / "build/release/bin")
    options = parser.parse_args()
    limit = mebibytes(options.memory) + BESIDE_MIB
    within = True
    for size in options.sizes.split(","):
        work = Path(tempfile.mkdtemp(prefix="ashlar-memory-", dir=options.scratch))
        try:
            runs = measure(options, size, work)
        except RuntimeError as error:
            print(f"memory: {error}", file=sys.stderr)
            return 1
        finally:
            shutil.rmtree(work, ignore_errors=True)
        parts = [f"{name} {peak:.0f} MiB ({core:.0f} s)" for name, (peak, core, _) in runs.items()]
        print(f"{size} with --memory {options.memory}: {', '.join(parts)}", flush=True)
        within &= all(peak <= limit for peak, *_ in runs.values())
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
