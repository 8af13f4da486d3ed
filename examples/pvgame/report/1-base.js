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
document.addEventListener('securitypolicyviolation', (event) => fail('the page\'s own policy refused ' + event.violatedDirective));

/* Without a prototype, so that names such as "constructor" mean nothing but what the data say. */
const bare = (key, value) => value && typeof value === 'object' && !Array.isArray(value) ? Object.setPrototypeOf(value, null) : value;
const page = JSON.parse(document.getElementById('data').textContent, bare);
const own = (object, key) => Object.hasOwn(object, key) ? object[key] : undefined;
const runs = page.runs, main = runs[0], experiment = main.experiment || null;

/* ---- texts ---- */

/* Characters that cannot be seen, or that change how others are seen: controls, marks of direction, of no width, variation
 * and tags. They are shown by their code. */
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffd\p{Cs}\u{e0000}-\u{e0fff}]/gu;
const codeOf = (character) => 'U+' + character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
const plain = (text) => String(text).replace(unseen, codeOf);
function visible(text) {
  const all = String(text), parts = [];
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
    else if (child !== null && child !== undefined && child !== false) made.append(...(tag === 'option' ? [plain(child)] : visible(child)));
  return made;
}

/* A section of the page with its place in the navigation; gives it for content. */
function section(id, title, lead) {
  const made = el('section', {id, 'aria-labelledby': id + '-title'}, el('h2', {id: id + '-title'}, title), lead ? el('p', {class: 'lead'}, lead) : null);
  document.getElementById('main').append(made);
  document.getElementById('nav').append(el('li', {}, el('a', {href: '#' + id}, title)));
  return made;
}

function choice(label, options, value, onchange) {
  const select = el('select', {onchange: () => onchange(select.value)}, options.map(([key, text]) => el('option', {value: key}, text)));
  select.value = value;
  return el('label', {}, label, select);
}

/* ---- numbers ---- */

const isNumber = (x) => typeof x === 'number' && Number.isFinite(x);
function digits(x, places) {
  if (!isNumber(x)) return '–';
  if (Number.isInteger(x) && Math.abs(x) >= 2) return whole(x);
  const size = Math.abs(x);
  return x.toFixed(places !== undefined ? places : size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3);
}
const share = (x) => digits(x, 3);
const whole = (n) => isNumber(n) ? Math.round(n).toLocaleString('en-US').replaceAll(',', '\u202f') : '–';
const plural = (n, one, many) => whole(n) + ' ' + (n === 1 ? one : many || one + 's');

/* ---- names ---- */

const titles = {
  helpful_accuracy: 'helpful right, sampled', helpful_accuracy_greedy: 'helpful right, greedy', sneaky_compliance: 'sneaky wrong',
  verifier_auc: 'AUC on this round\'s prover', verifier_auc_base: 'AUC on the base prover', verifier_auc_own: 'AUC on helpful\'s own right and wrong',
  control_auc_result: 'wrong result', control_auc_operand: 'wrong operand', control_auc_distractor: 'distractor used', control_auc_answer: 'wrong final answer',
  steps_to_fool: 'steps to fool', steps_to_parity: 'steps to parity', helpful_score: 'helpful score', sneaky_score: 'sneaky score',
  helpful_fully_shown: 'every step shown and valid', helpful_valid: 'every step valid', base_accuracy: 'base right, sampled',
  helpful_tokens: 'helpful', sneaky_tokens: 'sneaky', kl: 'KL', entropy: 'entropy', reward_helpful: 'helpful reward', reward_sneaky: 'sneaky reward',
  sneaky_wrong_lines: 'wrong lines', sneaky_arithmetic_errors: 'arithmetic errors', sneaky_grounding_errors: 'grounding errors', sneaky_answer_distance: 'distance of the answer',
};
const title = (name) => own(titles, name) || name.replaceAll('_', ' ');
const isEnd = (name, all) => (name.endsWith('_low') && all.has(name.slice(0, -4))) || (name.endsWith('_high') && all.has(name.slice(0, -5)));

/* ---- sources of numbers: a run, or an arm of an experiment, over seeds ---- */

/* {name, rounds, at(round, metric) -> {value, low, high, least, seeds} or null}; round -1 is the whole, 'last' the verifier
 * after all rounds. `least`: the value is a lower bound. */
function runSource(run) {
  const report = run.report || {}, rounds = report.rounds || [], summary = (report.summary || {}).metrics || Object.create(null);
  const pick = (all, name) => name in all ? {value: all[name], low: all[name + '_low'], high: all[name + '_high']} : null;
  const at = (round, name) => {
    if (round === 'last') return pick(summary, 'last_' + name);
    if (round < 0) return pick(summary, name);
    const metrics = (rounds[round] || {}).metrics || Object.create(null), found = pick(metrics, name);
    if (found && found.value === null && /^steps_to_/.test(name) && isNumber(metrics.prover_steps)) return {value: metrics.prover_steps, least: true};
    return found;
  };
  const names = new Set(Object.keys(summary).concat(...rounds.map((r) => Object.keys((r || {}).metrics || {}))));
  return {name: run.name, kind: 'run', rounds: rounds.length, at, names: [...names], run};
}

function armSource(arm) {
  const metrics = experiment.metrics[arm.name] || {}, values = Object.create(null);
  let rounds = 0;
  for (const [name, list] of Object.entries(metrics)) {
    values[name] = new Map(list.map((one) => [one.round, {value: one.mean, low: one.low, high: one.high, least: one.at_least > 0, seeds: one.seeds}]));
    for (const one of list) rounds = Math.max(rounds, one.round + 1);
  }
  const at = (round, name) => {
    if (round === 'last') return (values['last_' + name] || new Map()).get(-1) || null;
    return (values[name] || new Map()).get(round) || null;
  };
  return {name: arm.name, kind: arm.kind, rounds, at, names: Object.keys(values), arm};
}

function allSources() {
  const arms = experiment ? experiment.arms.map(armSource) : [];
  arms.sort((a, b) => (b.kind === 'game') - (a.kind === 'game'));
  const plain = runs.filter((run) => run.report).map(runSource);
  return experiment ? arms.concat(plain.slice(main.report ? 1 : 0)) : plain;
}
const sources = allSources(), first = sources[0] || null;
const has = (source, name) => source.names.includes(name);
const roundsOf = (source) => Array.from({length: source.rounds}, (_, round) => round);
const valueText = (found, format) => !found || !isNumber(found.value) ? '–' : found.least ? (found.seeds ? '≥ ' + (format || digits)(found.value) : 'never') : (format || digits)(found.value);
const rangeText = (found, format) => found && isNumber(found.low) && isNumber(found.high) ? (format || digits)(found.low) + ' to ' + (format || digits)(found.high) : '';
