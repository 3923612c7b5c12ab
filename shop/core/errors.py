"""How the business says no. Anything that is not a Refusal is a bug and must crash."""

from typing import ClassVar


class Refusal(Exception):
    """A no with a code for programs, a sentence for people and, where useful, details for both."""

    code: ClassVar[str] = "refused"
    sentence: ClassVar[str] = "That is not possible."

    def __init__(self, sentence: str = "", /, **details: object) -> None:
        self.said = sentence or self.sentence.format(**details)
        self.details = details
        super().__init__(self.said)


class Invalid(Refusal):
    """What was sent makes no sense; sending it again will not help. `field` in details says which."""

    code = "invalid"


class Forbidden(Refusal):
    """It makes sense, but not for this person."""

    code = "forbidden"


class Conflict(Refusal):
    """It makes sense, but not in the present state of things."""

    code = "conflict"


class Busy(Refusal):
    """Not now: too many ask at once, or the database is away; `wait_s` says when to try again. Nothing is known."""

    code = "busy"
    sentence = "Very many people are asking right now. Please try again in a moment."
