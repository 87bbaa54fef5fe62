"""The server of the resources' tests, with the real seed."""

from tests.resources.conftest import real as real
