"""A Django without pytest: an environment of its own, made once for a run of tests."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import venv
from pathlib import Path

REQUIREMENT = "django==5.2.*"

SITE = """
-- manage.py --
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site1.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
-- site1/__init__.py --
-- site1/settings.py --
SECRET_KEY = "not one"
INSTALLED_APPS = ["polls"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
-- polls/__init__.py --
-- polls/models.py --
from django.db import models


class Question(models.Model):
    text = models.CharField(max_length=20)
    votes = models.IntegerField(default=0)

    def is_popular(self):
        return self.votes > 10
-- polls/tests.py --
from django.test import SimpleTestCase, TestCase

from polls.models import Question


class QuestionTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.question = Question.objects.create(text="why", votes=10)

    def test_ten_votes_are_popular(self):
        self.assertTrue(self.question.is_popular())

    def test_few_votes_are_not(self):
        self.assertFalse(Question(votes=9).is_popular())

    def test_is_there(self):
        self.assertEqual(Question.objects.count(), 1)
"""


def django_python(folder: Path) -> str:
    """Return an interpreter that has Django and no pytest; processes of one test run share it."""
    folder.mkdir(parents=True, exist_ok=True)
    python = folder / "env" / "bin" / "python"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            venv.create(folder / "env", with_pip=False)
            packages = next((folder / "env" / "lib").glob("python3*")) / "site-packages"
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(packages), REQUIREMENT]
            done = subprocess.run(pip, capture_output=True, text=True, timeout=280)
            assert done.returncode == 0, done.stderr
            (folder / "complete").touch()
    return str(python)
