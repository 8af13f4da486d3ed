"""A whole game: base models, then rounds of a fresh verifier and a fresh prover.
PYTHONPATH=bindings/python python3 examples/game.py"""
import pvgame

settings = pvgame.Settings("tiny", {"seed": 3})  # seconds; pvgame.Settings("demo") is a game that shows something

game = pvgame.Game(settings)
for number, report in game.rounds(progress=True):
    print(f"round {number}: verifier AUC {report['verifier_auc']:.2f}, helpful prover right {report['helpful_accuracy']:.2f}, "
          f"sneaky prover wrong {report['sneaky_compliance']:.2f}")

verifier = pvgame.Verifier(game.model("verifier"), settings)
wrong = [sample for sample in game.samples() if sample.verdict == pvgame.Verdict.WRONG]
scores = verifier.score([sample.question for sample in wrong], [sample.solution for sample in wrong])
score, sample = max(zip(scores, wrong), key=lambda pair: pair[0])
print(f"the wrong solution that convinces the last verifier most ({score:+.2f}):{sample.question} ->{sample.solution}")
