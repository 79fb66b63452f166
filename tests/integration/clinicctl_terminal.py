#!/usr/bin/python3
"""clinicctl as a person meets it: on a terminal.

clinicctl_terminal.py CLINICCTL DEV_DIRECTORY     Of dev.json, the receptionist's login.
"""

import fcntl
import json
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile
import termios
import time
import unittest

PROGRAM, DIRECTORY = sys.argv[1:3]
DEV = json.loads((pathlib.Path(DIRECTORY) / "dev.json").read_text(encoding="utf-8"))
LOGIN = next(login for login in DEV["logins"] if login["role"] == "receptionist")
# How long anything may take before it counts as not coming.
PATIENCE = 30
CLEAR = "\x1b[H\x1b[2J"
CTRL_C = b"\x03"
DAY = "2031-01-07"


class Terminal:
    """A program that has a terminal of its own."""

    def __init__(self, state, *arguments):
        self.own, self.its = pty.openpty()
        self.seen = ""
        self.process = subprocess.Popen(
            [PROGRAM, *arguments], stdin=self.its, stdout=self.its, stderr=self.its, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**os.environ, "HOME": "/nonexistent", "XDG_STATE_HOME": state})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        # This side stays open meanwhile, so that the terminal can be asked about after its program's end.
        os.close(self.its)
        os.close(self.own)

    def shows_input(self):
        """Whether what is typed appears."""
        return bool(termios.tcgetattr(self.its)[3] & termios.ECHO)

    def type(self, text):
        os.write(self.own, text)

    def read_until(self, condition):
        """Reads until the condition holds of all that was shown."""
        end = time.monotonic() + PATIENCE
        while not condition(self.seen):
            if not select.select([self.own], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"shown was only {self.seen!r}")
            self.seen += os.read(self.own, 4096).decode()

    def end(self):
        """How the program ended, with everything read that it had to show."""
        code = self.process.wait(PATIENCE)
        while select.select([self.own], [], [], 0)[0]:
            self.seen += os.read(self.own, 4096).decode()
        return code


class PromptTest(unittest.TestCase):
    def setUp(self):
        state = tempfile.TemporaryDirectory(prefix="clinicctl-")
        self.addCleanup(state.cleanup)
        self.state = state.name

    def sign_in(self):
        return Terminal(self.state, "sign-in", "--server", DEV["url"], "--ca", DEV["ca"], "--clinic",
                        LOGIN["clinic"], "--email", LOGIN["email"])

    def kept(self):
        return list(pathlib.Path(self.state).rglob("session.json"))

    def asked(self, terminal):
        """Waits for the question; from then on, nothing that is typed may appear."""
        terminal.read_until(lambda seen: f"Password of {LOGIN['email']}: " in seen)
        self.assertFalse(terminal.shows_input())

    def test_a_password_is_asked_for_and_not_shown(self):
        with self.sign_in() as terminal:
            self.asked(terminal)
            terminal.type(LOGIN["password"].encode() + b"\n")
            self.assertEqual(terminal.end(), 0)
            self.assertIn("Signed in", terminal.seen)
            self.assertNotIn(LOGIN["password"], terminal.seen)
            self.assertTrue(terminal.shows_input())
        self.assertEqual(len(self.kept()), 1)
        self.assertNotIn(LOGIN["password"], self.kept()[0].read_text(encoding="utf-8"))

    def test_a_mistyped_password_can_be_mended_unseen(self):
        with self.sign_in() as terminal:
            self.asked(terminal)
            terminal.type(LOGIN["password"].encode() + b"xy\x7f\x7f\r")
            self.assertEqual(terminal.end(), 0)
            self.assertNotIn(LOGIN["password"], terminal.seen)

    def test_a_wrong_password_leaves_the_terminal_as_it_was(self):
        with self.sign_in() as terminal:
            self.asked(terminal)
            terminal.type(b"not the right one\n")
            self.assertEqual(terminal.end(), 1)
            self.assertIn("CREDENTIALS_INVALID", terminal.seen)
            self.assertNotIn("not the right one", terminal.seen)
            self.assertTrue(terminal.shows_input())
        self.assertEqual(self.kept(), [])

    def test_ctrl_c_gives_up_and_leaves_the_terminal_as_it_was(self):
        with self.sign_in() as terminal:
            self.asked(terminal)
            terminal.type(b"half a pass" + CTRL_C)
            self.assertEqual(terminal.end(), 1)
            self.assertNotIn("half a pass", terminal.seen)
            self.assertTrue(terminal.shows_input())
        self.assertEqual(self.kept(), [])


class LiveTableTest(unittest.TestCase):
    def run_once(self, *arguments):
        return subprocess.run([PROGRAM, "--dev", DIRECTORY, *arguments], check=True, capture_output=True, text=True,
                              timeout=PATIENCE).stdout

    def test_the_table_of_a_day_follows_what_happens(self):
        def frame(seen):
            """What stands on the screen once it is drawn whole."""
            last = seen.split(CLEAR)[-1].replace("\r\n", "\n")
            return last if "Ctrl-C ends." in last else ""

        with Terminal("/nonexistent", "--dev", DIRECTORY, "day", "--date", DAY, "--watch") as terminal:
            terminal.read_until(frame)
            self.assertIn("Íñigo Peña: nothing booked\n", frame(terminal.seen))

            self.run_once("book", "--patient", "iban leo", "--practitioner", "pena", "--at", f"{DAY}T10:00")
            terminal.read_until(lambda seen: "Leocadia" in frame(seen))
            self.assertRegex(frame(terminal.seen), "Íñigo Peña: 1 appointment\n  10:00  30 min  booked  Leocadia")
            self.assertIn("Íñigo Núñez: nothing booked\n", frame(terminal.seen))

            appointment = re.search(" ([0-9a-f]{8})[ \n]", frame(terminal.seen)).group(1)
            self.run_once("cancel", appointment, "--reason", "Ill", "--date", DAY)
            terminal.read_until(lambda seen: "Íñigo Peña: nothing booked" in frame(seen))
            self.assertNotIn("Leocadia", frame(terminal.seen))

            # From the keyboard, as a signal to whoever has the terminal.
            terminal.type(CTRL_C)
            self.assertEqual(terminal.end(), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
