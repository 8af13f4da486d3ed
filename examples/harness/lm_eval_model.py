"""A prover as a model of EleutherAI's lm-evaluation-harness (docs/model_guide.md there):

    PYTHONPATH=examples/harness LM_EVAL_PLUGINS=lm_eval_model lm-eval run --model pvgame \
        --model_args pretrained=run-1/models/round-2/prover,role=helpful --tasks gsm8k

(older versions: import this module before lm_eval.simple_evaluate). A request's context is the question: the prover sees it
in the prompt that it was trained with, followed by its role's mark. role=none gives the bare context."""
import pvgame
from lm_eval.api.model import LM
from lm_eval.api.registry import register_model


@register_model("pvgame")
class PvgameLM(LM):
    def __init__(self, pretrained, role="neutral", preset=None, batch_size=None, max_batch_size=None, device=None):
        """pretrained: a prover's folder. role: neutral, helpful, sneaky or none. preset: settings that it was trained with."""
        super().__init__()
        self.settings = pvgame.Settings(preset)
        if role == "none":
            self.settings["roles.template"] = "{question}"
        self.role = pvgame.Role.NEUTRAL if role == "none" else pvgame.Role[role.upper()]
        self.model = pvgame.Model(pretrained)
        self.tokenizer = self.model.tokenizer
        self.end = self.tokenizer.encode(self.settings["roles.end"], specials=True)
        self.batch_size = batch_size

    # ---- log-likelihoods ----

    def prompt(self, context):
        """The tokens before a solution, as the library writes them: a text is never merged with what follows it."""
        tokens = []
        mark = self.settings["roles." + self.role.name.lower()]
        for place in self.settings["roles.template"].replace("{answer}", "").partition("{question}"):
            if place == "{question}":
                tokens += self.tokenizer.encode(context)
            elif place:
                tokens += self.tokenizer.encode(place.replace("{role}", mark), specials=True)
        return tokens or list(self.end)

    def loglikelihood(self, requests, disable_tqdm=False):
        pairs = [request.args for request in requests]
        greedy = self.write([context for context, _ in pairs], self.settings["sampling.longest"], 0.0)
        return [(self.of(self.prompt(context), continuation), bool(context.strip()) and text.startswith(continuation))
                for (context, continuation), text in zip(pairs, greedy)]

    def of(self, prompt, continuation):
        """Log-probability of a continuation; a prompt that is too long loses its beginning."""
        tokens = list(self.tokenizer.encode(continuation))
        room = self.model.context_length - len(tokens)
        if room < 1:
            raise ValueError(f"a continuation of {len(tokens)} tokens: the model's context is {self.model.context_length}")
        return sum(self.model.logprobs((prompt + tokens)[-self.model.context_length:])[-len(tokens):]) if tokens else 0.0

    def loglikelihood_rolling(self, requests, disable_tqdm=False):
        return [self.rolling(list(self.tokenizer.encode(request.args[0]))) for request in requests]

    def rolling(self, tokens):
        """Every token once, with as much before it as the context holds; the first after an end token."""
        tokens = [*self.end, *tokens]
        longest, total, done = self.model.context_length, 0.0, len(self.end)
        while done < len(tokens):
            until = longest if done == len(self.end) else min(len(tokens), done + longest - 1)
            window = tokens[max(0, until - longest):until]
            new = min(until, len(tokens)) - done
            total += sum(self.model.logprobs(window)[-new:])
            done += new
        return total

    # ---- generation ----

    def generate_until(self, requests, disable_tqdm=False):
        """Requests of the same length and temperature are written together."""
        asked = [(context, dict(how)) for context, how in (request.args for request in requests)]
        ways = [(how.get("max_gen_toks", self.settings["sampling.longest"]),
                 float(how.get("temperature", 0.0)) if how.get("do_sample", True) else 0.0) for _, how in asked]
        results = [""] * len(asked)
        for way in dict.fromkeys(ways):
            chosen = [i for i, other in enumerate(ways) if other == way]
            for i, text in zip(chosen, self.write([asked[i][0] for i in chosen], *way)):
                results[i] = cut(text, asked[i][1].get("until"))
        return results

    def write(self, contexts, longest, temperature):
        settings = self.settings.copy()
        settings["sampling.longest"] = min(longest, self.model.context_length - 1)
        problems = pvgame.Dataset()
        for number, context in enumerate(contexts):
            asked = self.shortened(context, settings["sampling.longest"])
            problems.append(asked if asked.strip() else "?", "0", id=str(number))  # a problem says something
        if not contexts:
            return []
        report = pvgame.Prover(self.model, settings).generate(problems, self.role, temperature=temperature)
        return [sample.solution for sample in report.samples]

    def shortened(self, context, longest):
        """The end of a context that leaves room for a solution."""
        extra = len(self.prompt(context)) + longest - self.model.context_length
        return context if extra <= 0 else self.tokenizer.decode(self.tokenizer.encode(context)[extra:], errors="ignore")


def cut(text, until):
    """Up to the first of the strings that end a text."""
    ends = [until] if isinstance(until, str) else list(until or [])
    places = (text.find(end) for end in ends if end)
    return text[:min((place for place in places if place >= 0), default=len(text))]
