/* 1-base.js - the data, and what every part of the page uses. Texts are only ever set as text: nothing is parsed as HTML. */
'use strict';

const state = document.documentElement.dataset;
function fail(what) {
  state.state = 'failed';
  const box = document.getElementById('failure');
  box.hidden = false;
  box.textContent = 'A part of this page could not be drawn: ' + what;
}
window.addEventListener('error', (event) => fail(event.message));
document.addEventListener('securitypolicyviolation', (event) =>
  fail("the page's own policy refused " + event.violatedDirective)
);

/* Without a prototype, so that names such as "constructor" mean nothing but what the data say. */
const bare = (key, value) =>
  value && typeof value === 'object' && !Array.isArray(value) ? Object.setPrototypeOf(value, null) : value;
const page = JSON.parse(document.getElementById('data').textContent, bare);
const own = (object, key) => (Object.hasOwn(object, key) ? object[key] : undefined);
const runs = page.runs,
  main = runs[0],
  experiment = main.experiment || null;
/* Whose samples, tables and curves are shown: an experiment's first run of the game stands for it. */
const shown = main.report ? main : runs.find((run) => run.part && run.samples) || runs.find((run) => run.part) || main;

/* ---- texts ---- */

/* Characters that cannot be seen, or that change how others are seen: controls, marks of direction, of no width, variation
 * and tags. They are shown by their code. */
const unseen =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffd\p{Cs}\u{e0000}-\u{e0fff}]/gu;
const codeOf = (character) => 'U+' + character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
const plain = (text) => String(text).replace(unseen, codeOf);
function visible(text) {
  const all = String(text),
    parts = [];
  let from = 0;
  for (const found of all.matchAll(unseen)) {
    parts.push(all.slice(from, found.index));
    const code = document.createElement('span');
    code.className = 'odd-character';
    code.title = 'a character that cannot be seen';
    code.textContent = codeOf(found[0]);
    parts.push(code);
    from = found.index + found[0].length;
  }
  parts.push(all.slice(from));
  return parts.filter((part) => part !== '');
}

/* ---- elements ---- */

/* el('p', {class: 'soft', onclick: f}, 'text', otherElement, null); texts are shown as `visible` has them. */
function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (name in made && typeof value !== 'string') made[name] = value;
    else made.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children.flat(Infinity))
    if (child instanceof Node) made.append(child);
    else if (child !== null && child !== undefined && child !== false)
      made.append(...(tag === 'option' ? [plain(child)] : visible(child)));
  return made;
}

/* A section of the page with its place in the navigation; gives it for content. */
function section(id, title, lead) {
  const made = el(
    'section',
    {id, 'aria-labelledby': id + '-title'},
    el('h2', {id: id + '-title'}, title),
    lead ? el('p', {class: 'lead'}, lead) : null
  );
  document.getElementById('main').append(made);
  document.getElementById('nav').append(el('li', {}, el('a', {href: '#' + id}, title)));
  return made;
}

function choice(label, options, value, onchange) {
  const select = el(
    'select',
    {onchange: () => onchange(select.value)},
    options.map(([key, text]) => el('option', {value: key}, text))
  );
  select.value = value;
  return el('label', {}, label, select);
}

/* ---- numbers ---- */

const isNumber = (x) => typeof x === 'number' && Number.isFinite(x);
function digits(x, places) {
  if (!isNumber(x)) return '–';
  if (Number.isInteger(x) && Math.abs(x) >= 2) return whole(x);
  const size = Math.abs(x);
  return x.toFixed(
    places !== undefined ? places : size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3
  );
}
const share = (x) => digits(x, 3);
const whole = (n) => (isNumber(n) ? Math.round(n).toLocaleString('en-US').replaceAll(',', '\u202f') : '–');
const plural = (n, one, many) => whole(n) + ' ' + (n === 1 ? one : many || one + 's');

/* ---- names ---- */

const titles = {
  helpful_accuracy: 'helpful right, sampled',
  helpful_accuracy_greedy: 'helpful right, greedy',
  sneaky_compliance: 'sneaky wrong',
  verifier_auc: "AUC on this round's prover",
  verifier_auc_base: 'AUC on the base prover',
  verifier_auc_own: "AUC on helpful's own right and wrong",
  control_auc_result: 'wrong result',
  control_auc_operand: 'wrong operand',
  control_auc_distractor: 'distractor used',
  control_auc_answer: 'wrong final answer',
  steps_to_fool: 'steps to fool',
  steps_to_parity: 'steps to parity',
  helpful_score: 'helpful score',
  sneaky_score: 'sneaky score',
  helpful_fully_shown: 'every step shown and valid',
  helpful_valid: 'every step valid',
  base_accuracy: 'base right, sampled',
  helpful_tokens: 'helpful',
  sneaky_tokens: 'sneaky',
  kl: 'KL',
  entropy: 'entropy',
  reward_helpful: 'helpful reward',
  reward_sneaky: 'sneaky reward',
  sneaky_wrong_lines: 'wrong lines',
  sneaky_arithmetic_errors: 'arithmetic errors',
  sneaky_grounding_errors: 'grounding errors',
  sneaky_answer_distance: 'distance of the answer',
};
const title = (name) => own(titles, name) || name.replaceAll('_', ' ');
Object.assign(titles, {
  attack_first_steps_to_exploit: 'steps to exploit (the first of them)',
  attack_src_steps_to_exploit: 'steps to exploit (SRC)',
  attack_cgc_steps_to_exploit: 'steps to exploit (CGC)',
  attack_goodhart_steps_to_exploit: 'steps to exploit (Goodhart)',
  attack_convince_steps_to_exploit: 'steps to exploit (convince)',
  sneaky_sound_share: 'mean soundness of a portion',
  sneaky_sound_least: 'least soundness',
  sneaky_one_flaw: 'exactly one flaw',
  helpful_shown: 'share of steps shown',
  helpful_reader_4: 'a reader with 4 checks',
  helpful_judge_accuracy: 'an independent judge',
  separability: 'AUC of a small discriminator',
  sneaky_error_result: 'wrong result',
  sneaky_error_operand: 'wrong operand',
  sneaky_error_distractor: 'distractor used',
  sneaky_error_several: 'several at once',
  verifier_recall_helpful: 'accepts helpful-right',
  verifier_fpr_sneaky: 'accepts sneaky-wrong',
  verifier_calibration: 'calibration error',
  verifier_accuracy: 'accuracy',
  helpful_repetition: 'helpful',
  sneaky_repetition: 'sneaky',
  helpful_balanced_best_of: 'Balanced best of n',
  helpful_best_of: 'Best of n',
  helpful_votes: 'Votes of the best k of n',
  helpful_reader: 'A reader who can check only k steps',
  reader: 'The same reader, helpful against sneaky',
  attack_best_of: 'Best-of-n attack: share that convinces',
});
const isEnd = (name, all) =>
  (name.endsWith('_low') && all.has(name.slice(0, -4))) || (name.endsWith('_high') && all.has(name.slice(0, -5)));

/* ---- sources of numbers: a run, or an arm of an experiment, over seeds ---- */

/* {name, rounds, at(round, metric) -> {value, low, high, least, seeds} or null}; round -1 is the whole, 'last' the verifier
 * after all rounds. `least`: the value is a lower bound. */
function runSource(run) {
  const reports = allReports(run).map((one) => one.report),
    rounds = reports.length - 1,
    more = controls(reports[0], rounds);
  for (const one of attackReports(run))
    for (const [name, value] of Object.entries(one.report.metrics)) more(one.round, 'attack_' + name, value);
  const all = (round) =>
    round === 'last' ? reports[0].metrics : reports[round + 1] ? reports[round + 1].metrics : Object.create(null);
  const pick = (metrics, name) =>
    name in metrics ? {value: metrics[name], low: metrics[name + '_low'], high: metrics[name + '_high']} : null;
  const at = (round, name) => {
    const found = pick(all(round), round === 'last' ? 'last_' + name : name),
      other = pick(more.of(round === 'last' ? rounds : round), name);
    const best = other && (!found || (isNumber(other.low) && !isNumber(found.low))) ? other : found;
    if (!best || best.value !== null || !/steps_to_/.test(name)) return best;
    const cap = name.startsWith('attack_')
      ? (pick(more.of(round === 'last' ? rounds : round), name.replace(/_steps_to_.*/, '_steps')) || {}).value
      : all(round).prover_steps;
    return isNumber(cap) ? {value: cap, least: true} : best;
  };
  const names = new Set(reports.flatMap((one) => Object.keys(one.metrics)).concat(more.names()));
  return {name: run.name, kind: 'run', rounds, at, names: [...names], run};
}

/* Numbers of verifiers, which the measures keep in a table of their own, as metrics of rounds; and a place for others. */
function controls(summary, rounds) {
  const kept = new Map(),
    known = new Set();
  const add = (round, name, value) => {
    if (!kept.has(round)) kept.set(round, Object.create(null));
    if (name in kept.get(round)) return; /* of attacks under several seeds the first */
    kept.get(round)[name] = value;
    known.add(name);
  };
  const cells = summary.tables.verifiers,
    labels = summary.labels.verifiers;
  if (cells && labels && labels.rows && labels.columns)
    cells.forEach((row, r) => {
      const round = /last/.test(labels.rows[r]) ? rounds : Number((/(\d+)/.exec(labels.rows[r]) || [])[1]);
      if (Number.isInteger(round))
        row.forEach((value, c) =>
          add(
            round,
            labels.columns[c].replace(/^control_/, 'control_auc_').replace(/^(auc|accuracy)_base/, 'verifier_$1_base'),
            value
          )
        );
    });
  add.of = (round) => kept.get(round) || Object.create(null);
  add.names = () => [...known];
  return add;
}

/* [{name, round, report}] of `pvgame attack`. */
function attackReports(run) {
  return ((run.attack || {}).attacks || [])
    .filter((one) => one && one.report && one.report.metrics)
    .map((one) => ({
      name: String(one.name) + (one.seed ? ', seed ' + one.seed : ''),
      round: one.round,
      report: one.report,
    }));
}

/* What `pvgame measure` found goes first where a game's own report has a number of the same name. */
function joinedReport(own, measured) {
  const made = Object.create(null),
    found = (measured || {}).metrics || Object.create(null);
  for (const part of ['metrics', 'tables', 'labels'])
    made[part] = Object.assign(
      Object.create(null),
      (own || {})[part],
      part === 'metrics' ? null : (measured || {})[part]
    );
  for (const [name, value] of Object.entries(found))
    if (value !== null || !(name in made.metrics)) made.metrics[name] = value;
  return made;
}
function allReports(run) {
  const own = run.report || {},
    measured = run.measures || {},
    rounds = Math.max((own.rounds || []).length, (measured.rounds || []).length);
  return [
    {name: 'summary', report: joinedReport(own.summary, measured.summary)},
    ...Array.from({length: rounds}, (_, round) => ({
      name: 'round ' + round,
      report: joinedReport((own.rounds || [])[round], (measured.rounds || [])[round]),
    })),
  ];
}

/* The verifier trained after all rounds is counted as one round more. */
function armSource(arm) {
  const metrics = experiment.metrics[arm.name] || {},
    values = Object.create(null);
  let rounds = 0;
  for (const [name, list] of Object.entries(metrics)) {
    values[name] = new Map(
      list.map((one) => [
        one.round,
        {value: one.mean, low: one.low, high: one.high, least: one.at_least > 0, seeds: one.seeds},
      ])
    );
    if (/^(helpful|sneaky)_/.test(name)) for (const one of list) rounds = Math.max(rounds, one.round + 1);
  }
  const at = (round, name) => (values[name] || new Map()).get(round === 'last' ? rounds : round) || null;
  return {name: arm.name, kind: arm.kind, rounds, at, names: Object.keys(values), arm};
}

function allSources() {
  const arms = experiment ? experiment.arms.map(armSource) : [];
  arms.sort((a, b) => (b.kind === 'game') - (a.kind === 'game'));
  return arms.concat(runs.filter((run) => run.report && !run.part && !(experiment && run === main)).map(runSource));
}
const sources = allSources(),
  first = sources[0] || null;
const has = (source, name) => source.names.includes(name);
const roundsOf = (source) => Array.from({length: source.rounds}, (_, round) => round);
const valueText = (found, format) =>
  !found || !isNumber(found.value)
    ? '–'
    : found.least
      ? found.seeds
        ? '≥ ' + (format || digits)(found.value)
        : 'never'
      : (format || digits)(found.value);
const rangeText = (found, format) =>
  found && isNumber(found.low) && isNumber(found.high)
    ? (format || digits)(found.low) + ' to ' + (format || digits)(found.high)
    : '';
