"""Questions that stand in the wrong group, put right by hand.

What a person has decided outlasts every later sorting: new questions may join the group, but it is joined with no other
(`sifting.py` asks for `placed_by`).
"""

from collections.abc import Collection

from chatbot.models import QuestionGroup, UnansweredQuestion
from chatbot.question_groups import alone, recount


class NotMoved(Exception):
    """Nothing was moved. user_message is for staff."""

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message)
        self.user_message = user_message


def move(questions: Collection[int], *, out_of: int, into: int | None, by: str) -> tuple[int, int]:
    """Put questions of a group into another one, or with None into a new one of their own; return its id and how many they were.

    Questions that are not in the group (any more) are passed over. A group that is left empty goes with the next sweep. Raises
    NotMoved.
    """
    with alone():
        chosen = UnansweredQuestion.objects.filter(group=out_of, pk__in=questions)
        recipe, count = chosen.order_by("pk").values_list("recipe", flat=True).first(), chosen.count()
        if recipe is None:
            raise NotMoved("Please choose the questions to be moved. What was chosen does not stand in this group any more.")
        if into is None:
            if count == UnansweredQuestion.objects.filter(group=out_of).count():
                raise NotMoved("These are all the questions of the group, so they have a group of their own already.")
            target = QuestionGroup.objects.create(recipe=recipe, total=b"")
        else:
            found = QuestionGroup.objects.exclude(pk=out_of).filter(pk=into).first()
            if found is None:
                raise NotMoved("The group that was chosen is not there any more. Please choose another one.")
            target = found
        chosen.update(group=target, placed_by=by)
        for group in (*QuestionGroup.objects.filter(pk=out_of), target):
            recount(group)
    return target.pk, count
