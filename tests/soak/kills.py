#!/usr/bin/env python3
"""Publishes and fetches a made model over a devnet, killing both at random times.

    tests/soak/kills.py [--bytes 256MiB] [--kills 100] [--every 5] [--fetches 3] [--seed 1]
                        [--program build/release/bin]

Each round publishes over new nodes in one piece, then over new nodes with kills; from these it
fetches some times, in one piece and with kills in turn, each into an empty folder. Kills, by
SIGKILL, come at random moments of the time that the runs for them take, --every so many seconds in
the mean and without memory, so each kind of run gets its share of them; more --fetches give these,
which are short, more of it. The next run goes on where the killed one was, until one ends. Every
fetch's bytes are compared with the model.

Prints the core time that a kill costs, what the killed runs and those that ended them took beyond
the mean of runs in one piece, as a share of that: of publishes, of fetches, and the mean over kills
at random moments of a publish and a fetch, each of which gets as many as its time is long; after
each round how it stands. Less than nothing is noise, and counts as nothing in the mean. Ends with
status 1 if anything differs.
"""

import argparse
import filecmp
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class Soak:
    def __init__(self, options, work):
        self.bin = Path(options.program)
        self.work = work
        self.model = work / "model"
        self.devnet = work / "devnet"
        made = [self.bin / "make-checkpoint", "--bytes", options.bytes, "--out", self.model]
        subprocess.run(made, check=True)

    def run(self, words, kill_after=None):
        """(status or None if killed, core seconds, wall seconds, standard output)"""
        begin = time.monotonic()
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen([self.bin / "ashlar", *words], stdout=out,
                                       stderr=subprocess.DEVNULL)
            while True:
                pid, status, usage = os.wait4(process.pid, os.WNOHANG)
                if pid != 0:
                    break
                if kill_after is not None and time.monotonic() - begin >= kill_after:
                    os.kill(process.pid, signal.SIGKILL)
                    kill_after = None
                time.sleep(0.002)
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            text = out.read().decode()
        core = usage.ru_utime + usage.ru_stime
        done = None if process.returncode == -signal.SIGKILL else process.returncode
        return done, core, time.monotonic() - begin, text

    def fresh_devnet(self):
        if self.devnet.exists():
            self.run(["devnet", "down", "--wipe", "--dir", self.devnet])
        status, *_ = self.run(["devnet", "up", "--nodes", "8", "--dir", self.devnet])
        assert status == 0, "the devnet does not start"

    def publish(self, kill_after=None):
        return self.run(["publish", self.model, "--committee", self.devnet / "committee.json",
                         "--key", self.work / "key", "--journal", self.work / "journals", "--json"],
                        kill_after)

    def fetch(self, root, kill_after=None):
        return self.run(["fetch", root, self.work / "out", "--committee",
                         self.devnet / "committee.json"], kill_after)

    def clear_output(self):
        shutil.rmtree(self.work / "out", ignore_errors=True)

    def same_bytes(self):
        compared = filecmp.dircmp(self.model, self.work / "out")
        names = compared.left_list
        match, _, _ = filecmp.cmpfiles(self.model, self.work / "out", names, shallow=False)
        return compared.left_list == compared.right_list and len(match) == len(names)


class Killer:
    """When the next kill is due, in seconds of runs."""

    def __init__(self, options):
        self.chance = random.Random(options.seed)
        self.every, self.left = options.every, options.kills
        self.due = self.draw()

    def draw(self):
        return self.chance.expovariate(1 / self.every) if self.left > 0 else None

    def passed(self, seconds, killed):
        """A run took so long, or was killed."""
        if killed:
            self.left -= 1
            self.due = self.draw()
        elif self.due is not None:
            self.due = max(self.due - seconds, 0)


class Tally:
    """One kind of run: core seconds in one piece, and what was spent with kills."""

    def __init__(self, name):
        self.name = name
        self.whole = []
        self.wall = 0.0  # Of those in one piece, together.
        self.spent, self.ends, self.kills = 0.0, 0, 0

    def add(self, status, core):
        self.spent += core
        self.kills += status is None
        self.ends += status is not None

    def core(self):
        return sum(self.whole) / len(self.whole)

    def repeated(self):
        """Core seconds a kill beyond those of as many runs in one piece."""
        return (self.spent - self.ends * self.core()) / max(self.kills, 1)

    def share(self):
        return max(self.repeated(), 0) / self.core()

    def text(self):
        return (f"{self.name}: {self.kills} kills, {self.ends} ends, {self.core():.2f} s of core "
                f"time in one piece (mean of {len(self.whole)}); a kill repeated "
                f"{self.repeated():.2f} s, {100 * self.repeated() / self.core():.2f} % of it")


def root_of(text):
    return json.loads(text.strip().splitlines()[-1])["root"]


def run_with_kills(killer, tally, step):
    """Kills and runs again until a run ends. Its standard output."""
    while True:
        status, core, wall, text = step(killer.due)
        killer.passed(wall, status is None)
        tally.add(status, core)
        if status is not None:
            assert status == 0, f"{tally.name} ended with {status}: {text}"
            return text


def run_whole(tally, run):
    """Its standard output."""
    status, core, wall, text = run()
    assert status == 0, f"a {tally.name} in one piece ended with {status}: {text}"
    tally.whole.append(core)
    tally.wall += wall
    return text


def soak(options, rig):
    publishes, fetches = Tally("publish"), Tally("fetch")
    killer = Killer(options)
    while killer.left > 0:
        rig.fresh_devnet()
        root = root_of(run_whole(publishes, rig.publish))
        rig.fresh_devnet()
        text = run_with_kills(killer, publishes, rig.publish)
        assert root_of(text) == root, "another root"
        rig.clear_output()
        # Not counted: the first fetch from a network has more to do than those after it.
        run_whole(Tally("first fetch"), lambda: rig.fetch(root))
        for _ in range(options.fetches):
            rig.clear_output()
            run_whole(fetches, lambda: rig.fetch(root))
            assert rig.same_bytes(), "fetched bytes differ"
            rig.clear_output()
            run_with_kills(killer, fetches, lambda due: rig.fetch(root, due))
            assert rig.same_bytes(), "fetched bytes differ"
        print(f"{publishes.text()}\n{fetches.text()}", file=sys.stderr, flush=True)
    print(publishes.text())
    print(fetches.text())
    lengths = [tally.wall / len(tally.whole) for tally in (publishes, fetches)]
    mean = sum(length * tally.share() for length, tally in zip(lengths, (publishes, fetches)))
    print(f"mean over a publish of {lengths[0]:.2f} s and a fetch of {lengths[1]:.2f} s: a kill "
          f"repeats {100 * mean / sum(lengths):.2f} % of what it kills; {options.kills} kills")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bytes", default="256MiB")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--every", type=float, default=5)
    parser.add_argument("--fetches", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--program", default=ROOT / "build/release/bin")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ashlar-kills-") as work:
        rig = Soak(options, Path(work))
        try:
            soak(options, rig)
        except AssertionError as error:
            print(f"kills: {error}", file=sys.stderr)
            return 1
        finally:
            rig.run(["devnet", "down", "--wipe", "--dir", rig.devnet])
    return 0


if __name__ == "__main__":
    sys.exit(main())
