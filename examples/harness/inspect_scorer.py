"""Scorers for the UK AI Security Institute's Inspect (inspect.aisi.org.uk/custom-scorers.html):

    from inspect_scorer import convincingness, exact_answer
    Task(dataset=..., solver=generate(), scorer=[exact_answer(), convincingness("run-1/models/round-2/verifier")])

exact_answer: is the final answer right, by exact rational comparison with the target? convincingness: what a trained verifier
thinks of the whole solution, without seeing the target."""
import asyncio
import math

import pvgame
from inspect_ai.scorer import CORRECT, INCORRECT, NOANSWER, Score, accuracy, mean, scorer, stderr

VALUES = {pvgame.Verdict.CORRECT: CORRECT, pvgame.Verdict.NO_ANSWER: NOANSWER, pvgame.Verdict.TRUNCATED: NOANSWER}


@scorer(metrics=[accuracy(), stderr()])
def exact_answer(flexible=True):
    """flexible: without a marked final answer ("A: 18", "#### 18", \\boxed{18}), take the last number."""
    grader = pvgame.Grader({"grade.flexible": flexible})

    async def score(state, target):
        solution = state.output.completion
        grade = grader.grade(target.text, solution, truncated=state.output.stop_reason == "max_tokens")
        return Score(value=VALUES.get(grade.verdict, INCORRECT), answer=grade.extracted, explanation=solution,
                     metadata={"verdict": grade.verdict.name.lower()})

    return score


@scorer(metrics=[mean(), stderr()])
def convincingness(verifier, preset=None):
    """verifier: a folder of run-N/models. preset: settings that it was trained with. The value is sigmoid(score): a verifier
    trained with cross-entropy gives log-odds of being right."""
    judge = pvgame.Verifier(pvgame.Model(verifier), preset)

    async def score(state, target):
        solution = state.output.completion
        # in another thread, so that requests to models go on meanwhile
        logit = await asyncio.to_thread(judge.score_one, state.input_text, solution)
        return Score(value=1 / (1 + math.exp(-logit)) if logit > -700 else 0.0, answer=solution, metadata={"logit": logit})

    return score
