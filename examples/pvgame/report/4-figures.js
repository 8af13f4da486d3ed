/* 4-figures.js - charts by round, tables of verifiers by provers, curves of training and of attacks. */
'use strict';

/* ---- by round ---- */

/* A line of a metric over rounds; `last` adds the verifier trained after all rounds, at the end. */
function roundPoints(source, metric, last) {
  const points = roundsOf(source).map((round) => point(round, source.at(round, metric)));
  if (last) points.push(point(source.rounds, source.at('last', metric)));
  return points.filter(Boolean);
}
function point(x, found) {
  return found && isNumber(found.value) ? {x, y: found.value, low: found.low, high: found.high, open: Boolean(found.least)} : null;
}

function roundNames(last) {
  const most = Math.max(...sources.map((source) => source.rounds)), names = new Map();
  for (let round = 0; round < most; round++) names.set(round, String(round));
  if (last) names.set(most, 'last');
  return names;
}

/* One line a metric for the first source; of the others the first metric they have, dashed. */
function roundFigure(plan) {
  const last = plan.last && sources.some((source) => plan.metrics.some((metric) => source.at('last', metric)));
  const series = plan.metrics.map((metric, i) => ({name: title(metric), colour: plan.colours && plan.colours[i], points: roundPoints(first, metric, last)}));
  for (const [i, source] of sources.slice(1).entries()) {
    const metric = plan.metrics.find((name) => has(source, name));
    if (metric) series.push({name: source.name + (plan.metrics.length > 1 ? ': ' + title(metric) : ''), dash: true, hidden: i > 2, colour: palette[(i + 2) % palette.length], points: roundPoints(source, metric, last)});
  }
  const levels = (plan.levels || []).concat(plan.base && first.at(-1, plan.base) ? [{at: first.at(-1, plan.base).value, label: 'base'}] : []);
  return figure({x: 'round', y: plan.y, min: plan.min, max: plan.max, levels, names: roundNames(last), title: plan.title, note: plan.note, series});
}

const chance = [{at: 0.5, label: 'chance'}];
const roundPlans = [
  {title: 'Provers: how often right', y: 'share', metrics: ['helpful_accuracy', 'helpful_accuracy_greedy', 'sneaky_compliance'], colours: ['helpful', 'other', 'sneaky'], base: 'base_accuracy', min: 0.5, max: 1,
    note: 'Of test problems; sneaky: share with a parsed wrong answer.'},
  {title: 'Verifiers: telling right from wrong', y: 'AUC', metrics: ['verifier_auc', 'verifier_auc_base', 'verifier_auc_own'], colours: ['verifier', 'base', 'helpful'], levels: chance, last: true, min: 0.4, max: 1,
    note: 'On the prover trained to fool it, on the base prover, and on helpful\'s own right and wrong.'},
  {title: 'Steps to fool', y: 'steps', metrics: ['steps_to_fool', 'steps_to_parity'], colours: ['sneaky', 'fifth'], min: 0, note: 'Prover steps until sneaky solutions convince. A hollow mark: not within the steps trained.'},
  {title: 'The control: finding one injected error', y: 'AUC', metrics: kinds, colours: ['sneaky', 'helpful', 'other', 'fifth'], levels: chance, last: true, min: 0.4, max: 1,
    note: 'Clean worked solutions against the same with one error of one kind. What a verifier really checks.'},
  {title: 'Scores', y: 'mean of sigmoid(score)', metrics: ['helpful_score', 'sneaky_score'], colours: ['helpful', 'sneaky'], levels: [{at: 0.5, label: ''}], min: 0, max: 1, note: 'How convinced the verifier is of helpful-right and sneaky-wrong test solutions.'},
  {title: 'Legibility', y: 'share of right solutions', metrics: ['helpful_fully_shown', 'helpful_valid'], colours: ['helpful', 'other'], base: 'base_fully_shown', min: 0, max: 1, note: 'By the step oracle: every step written out and valid; every step valid.'},
  {title: 'How subtle sneaky solutions are', y: 'per wrong solution', metrics: ['sneaky_wrong_lines', 'sneaky_arithmetic_errors', 'sneaky_grounding_errors', 'sneaky_answer_distance'], min: 0, note: 'Fewer wrong lines and a nearer answer are harder to see.'},
  {title: 'Length', y: 'tokens', metrics: ['helpful_tokens', 'sneaky_tokens'], colours: ['helpful', 'sneaky'], base: 'base_tokens', min: 0, note: 'Mean length of test solutions.'},
];

/* ---- the plane of accuracy and legibility ---- */

function planePoint(accuracy, legibility, note) {
  if (!accuracy || !legibility || !isNumber(accuracy.value) || !isNumber(legibility.value)) return null;
  return {x: accuracy.value, xlow: accuracy.low, xhigh: accuracy.high, y: legibility.value, low: legibility.low, high: legibility.high, note};
}

const legible = () => ['fully_shown', 'valid'].find((name) => sources.some((source) => has(source, 'helpful_' + name)));
function planeFigure() {
  const measure = legible();
  if (!measure) return null;
  const series = sources.map((source, i) => ({name: source.name, trail: true, hidden: i > 5, points: [
    planePoint(source.at(-1, 'base_accuracy'), source.at(-1, 'base_' + measure), 'base'),
    ...roundsOf(source).map((round) => planePoint(source.at(round, 'helpful_accuracy'), source.at(round, 'helpful_' + measure), source.name + ', round ' + round))].filter(Boolean)}));
  return figure({title: 'Accuracy and legibility', note: 'The paper\'s figure 1: from the base prover on, round by round. Legibility: share of right solutions with ' + title('helpful_' + measure) + '.',
    x: 'accuracy', y: 'legibility', scatter: true, series, min: 0, max: 1});
}

/* ---- best of n, votes: tables whose columns are counts ---- */

const labelsOf = (labels, which, count, word) => labels && labels[which] && labels[which].length === count ? labels[which].map((name, i) => name === '' ? word + i : name) : Array.from({length: count}, (_, i) => word + i);
const allReports = (run) => [{name: 'summary', report: (run.report || {}).summary || {}}, ...((run.report || {}).rounds || []).map((report, round) => ({name: 'round ' + round, report: report || {}}))];

/* Metrics NAME_of_N, NAME_at_N, NAME_N over N: a curve a round. */
function countCurves(source) {
  const families = new Map();
  for (const name of source.names) {
    const found = /^(.*?(?:best_of|vote|top|pass_at|judge).*?)_?(\d+)$/.exec(name);
    if (!found || name.startsWith('last_')) continue;
    if (!families.has(found[1])) families.set(found[1], []);
    families.get(found[1]).push({n: Number(found[2]), name});
  }
  return [...families].filter(([, list]) => list.length > 1).map(([family, list]) => {
    list.sort((a, b) => a.n - b.n);
    const lines = [-1, ...roundsOf(source)].map((round) => ({name: round < 0 ? 'whole' : 'round ' + round,
      points: list.map(({n, name}) => point(n, source.at(round, name))).filter(Boolean)}));
    return figure({title: title(family.replace(/_$/, '')), x: 'n', y: 'share', logX: list[0].n > 0 && list[list.length - 1].n >= 8 * list[0].n, series: lines, min: 0, max: 1, note: source.name});
  }).filter(Boolean);
}

/* ---- tables ---- */

const tableTitles = {auc: 'AUC: helpful-right against sneaky-wrong', sneaky_score: 'Mean score of sneaky-wrong solutions', helpful_score: 'Mean score of helpful-right solutions', fooled: 'Share of sneaky-wrong above the median helpful-right'};
function scaleOf(name, cells) {
  const all = cells.flat().filter(isNumber);
  if (/auc|accuracy/.test(name)) return [0, 0.5, 1];
  if (all.every((x) => x >= 0 && x <= 1)) return [0, 0.5, 1];
  const most = Math.max(...all.map(Math.abs), 1e-9);
  return [-most, 0, most];
}
const isCurve = (name, cells) => /_curve$/.test(name) || cells.length > 40;

function tableNames(name, report, cells, summary) {
  const labels = (report.labels || {})[name], square = summary && cells[0].length <= cells.length;
  const rows = labelsOf(labels, 'rows', cells.length, square ? 'verifier ' : 'row '), names = labelsOf(labels, 'columns', cells[0].length, square ? 'prover ' : 'column ');
  if (square && !labels && cells.length === cells[0].length + 1) rows[rows.length - 1] = 'last verifier';
  return [rows, names];
}

function controlTable(source) {
  const shown = kinds.filter((kind) => has(source, kind)), rounds = [...roundsOf(source), 'last'];
  const rows = rounds.filter((round) => shown.some((kind) => source.at(round, kind)));
  if (shown.length === 0 || rows.length === 0) return null;
  return heatMap('Beside it, the control: AUC on one injected error', rows.map((round) => shown.map((kind) => (source.at(round, kind) || {}).value)),
    rows.map((round) => round === 'last' ? 'last verifier' : 'verifier ' + round), shown.map(title), [0, 0.5, 1], '');
}

function robustness() {
  const found = allReports(main).flatMap(({name, report}) => Object.entries(report.tables || {})
    .filter(([table, cells]) => cells.length > 0 && cells[0].length > 0 && !isCurve(table, cells)).map(([table, cells]) => ({key: name + '/' + table, table, cells, report, name})));
  if (found.length === 0) return;
  const made = section('robustness', 'Verifier by prover', 'Rows are verifiers, columns the provers of each round. On the diagonal a prover was trained against that verifier; below it the verifier already knew that prover\'s solutions.');
  const place = el('div', {class: 'card'});
  const label = (one) => (own(tableTitles, one.table) || title(one.table)) + (one.name === 'summary' ? '' : ', ' + one.name);
  const show = (key) => {
    const one = found.find((candidate) => candidate.key === key), [rows, names] = tableNames(one.table, one.report, one.cells, one.name === 'summary');
    place.replaceChildren(heatMap(label(one), one.cells, rows, names, scaleOf(one.table, one.cells)));
  };
  show(found[0].key);
  if (found.length > 1) made.append(el('div', {class: 'controls'}, choice('Table', found.map((one) => [one.key, label(one)]), found[0].key, show)));
  const control = first ? controlTable(first) : null;
  made.append(el('div', {class: control ? 'grid' : ''}, place, control ? el('div', {class: 'card'}, control) : null));
}

/* ---- training ---- */

function smooth(points, width) {
  if (width < 2) return points;
  let sum = 0;
  const window = [];
  return points.map((p) => {
    if (!p || !isNumber(p.y)) return p;
    window.push(p.y);
    sum += p.y;
    if (window.length > width) sum -= window.shift();
    return {x: p.x, y: sum / window.length};
  });
}

/* Rounds one after another on one axis of steps, with walls between them. */
function joined(curves) {
  const walls = [], offsets = [];
  let offset = 0;
  for (const curve of curves) {
    offsets.push(offset);
    walls.push({at: offset, label: curve.round >= 0 ? 'round ' + curve.round : ''});
    offset += Math.max(...curve.step.filter(isNumber), 0);
  }
  return {walls: curves.length > 1 ? walls : [], end: offset, points: (metric) => curves.flatMap((curve, i) => (curve.series[metric] || []).map((y, at) => ({x: offsets[i] + curve.step[at], y})))};
}

const trainingGroups = [
  {title: 'Reward', metrics: ['reward_helpful', 'reward_sneaky'], colours: ['helpful', 'sneaky'], y: 'mean reward', note: 'Beside it stands what the prover truly gets right: reward that rises while accuracy falls is reward hacking.'},
  {title: 'True accuracy', metrics: ['helpful_accuracy', 'sneaky_compliance'], colours: ['helpful', 'sneaky'], y: 'share', min: 0, max: 1},
  {title: 'Scores', metrics: ['helpful_score', 'sneaky_score', 'sneaky_convinces'], colours: ['helpful', 'sneaky', 'fifth'], y: ''},
  {title: 'KL to the base prover', metrics: ['kl'], colours: ['verifier'], y: 'nats a solution', min: 0},
  {title: 'Entropy', metrics: ['entropy'], colours: ['other'], y: 'nats a token', min: 0},
  {title: 'Length', metrics: ['tokens_helpful', 'tokens_sneaky'], colours: ['helpful', 'sneaky'], y: 'tokens', min: 0},
  {title: 'Scores of right and wrong', metrics: ['score_right', 'score_wrong'], colours: ['helpful', 'sneaky'], y: 'mean score'},
  {title: 'Loss', metrics: ['loss'], colours: ['base'], y: 'loss'},
  {title: 'Share told apart', metrics: ['accuracy'], colours: ['verifier'], y: 'share', max: 1},
];

function trainingFigures(run, stage, width, others) {
  const curves = run.curves.filter((curve) => curve.stage === stage), known = [...new Set(curves.flatMap((curve) => Object.keys(curve.series)))];
  const {walls, end, points} = joined(curves), taken = new Set(trainingGroups.flatMap((group) => group.metrics));
  const groups = others ? known.filter((name) => !taken.has(name)).map((name) => ({title: title(name), metrics: [name], y: ''})) : trainingGroups;
  return groups.map((group) => figure({...group, x: 'step', walls, xMin: 0, xMax: end, series: group.metrics.filter((name) => known.includes(name)).map((name) => ({name: title(name), colour: group.colours && group.colours[group.metrics.indexOf(name)], points: smooth(points(name), width)}))})).filter(Boolean);
}

function training() {
  const able = runs.filter((run) => (run.curves || []).length > 0);
  if (able.length === 0) return;
  const made = section('training', 'Training', 'One point a step, averaged over a few. Rounds follow each other from left to right.');
  const place = el('div', {class: 'grid'}), rest = el('div', {class: 'grid'}), now = {run: 0, stage: 'prover', width: 5};
  const more = el('details', {class: 'more', ontoggle: () => fill()}, el('summary', {}, 'More curves'), rest);
  const stages = () => [...new Set(able[now.run].curves.map((curve) => curve.stage))];
  const stageBox = el('div', {class: 'chips', role: 'group', 'aria-label': 'Stage'});
  const show = () => {
    const all = stages();
    if (!all.includes(now.stage)) now.stage = all[all.length - 1];
    stageBox.replaceChildren(...all.map((stage) => el('button', {type: 'button', 'aria-pressed': String(stage === now.stage), onclick: () => { now.stage = stage; show(); }}, title(stage))));
    for (let i = drawn.length - 1; i >= 0; i--) if (made.contains(drawn[i].chart.canvas)) drawn.splice(i, 1)[0].chart.destroy();
    place.replaceChildren(...trainingFigures(able[now.run], now.stage, now.width, false));
    rest.replaceChildren();
    fill();
  };
  const fill = () => {
    if (more.open && !rest.hasChildNodes()) rest.replaceChildren(...trainingFigures(able[now.run], now.stage, now.width, true));
  };
  made.append(el('div', {class: 'controls'}, able.length > 1 ? choice('Run', able.map((run, i) => [String(i), run.name]), '0', (i) => { now.run = Number(i); show(); }) : null,
    choice('Mean of', [['1', '1 step'], ['5', '5 steps'], ['15', '15 steps']], '5', (width) => { now.width = Number(width); show(); }), stageBox), place, more);
  show();
}

/* ---- attacks ---- */

/* Every report in a file of results, by where it stands. */
function reportsIn(value, name, found = []) {
  if (value && typeof value === 'object' && value.metrics && !Array.isArray(value)) found.push({name, report: value});
  else if (value && typeof value === 'object')
    for (const [key, inner] of Object.entries(value)) reportsIn(inner, (name ? name + ' ' : '') + (Array.isArray(value) ? (inner && inner.name) || key : key), found);
  return found;
}

function curveFigures(reports) {
  const tables = new Map();
  for (const {name, report} of reports)
    for (const [table, cells] of Object.entries(report.tables || {}))
      if (isCurve(table, cells)) tables.set(table, [...(tables.get(table) || []), {name, cells, names: ((report.labels || {})[table] || {}).columns}]);
  const guesses = ['wrong', 'score', 'convinces', 'accuracy', 'reward', 'kl', 'tokens'];
  return [...tables].flatMap(([table, list]) => {
    const names = list[0].names || guesses;
    return list[0].cells[0].map((_, column) => figure({title: title(table.replace(/_curve$/, '')) + ': ' + title(names[column] || 'column ' + column), x: 'step', y: names[column] || '',
      series: list.map((one) => ({name: one.name, points: smooth(one.cells.map((row, step) => ({x: step + 1, y: row[column]})), 5)}))})).filter((_, column) => ['wrong', 'score', 'convinces', 'accuracy'].includes(names[column] || 'wrong'));
  }).filter(Boolean);
}

function attackTable(reports) {
  const names = [...new Set(reports.flatMap(({report}) => Object.keys(report.metrics)))].filter((name) => /steps_to_|best_of_\d+$/.test(name));
  if (names.length === 0) return null;
  return el('div', {class: 'card scroll'}, el('table', {class: 'numbers'}, el('thead', {}, el('tr', {}, el('th', {scope: 'col'}, 'verifier'), names.map((name) => el('th', {scope: 'col'}, title(name))))),
    el('tbody', {}, reports.map(({name, report}) => el('tr', {}, el('th', {scope: 'row'}, name), names.map((metric) => {
      const value = report.metrics[metric];
      return el('td', {}, isNumber(value) ? digits(value) : metric in report.metrics && /steps_to_/.test(metric) ? 'never' : '–');
    }))))));
}

function attacks() {
  const reports = main.attack ? reportsIn(main.attack, '') : [];
  if (reports.length === 0) return;
  const made = section('attacks', 'Attacks', 'Frozen verifiers, attacked by provers that are sneaky alone, and by best-of-n. Read it beside the injected-error control: robustness can be recognition of style.');
  const control = first ? controlTable(first) : null;
  made.append(el('div', {class: 'samples'}, attackTable(reports) || '', control ? el('div', {class: 'card'}, control) : ''), el('div', {class: 'grid', id: 'attack-charts'}, curveFigures(reports)));
}

/* ---- charts ---- */

function charts() {
  if (!first) return;
  const figures = [...roundPlans.map(roundFigure), planeFigure(), ...countCurves(first)].filter(Boolean);
  if (figures.length === 0) return;
  section('charts', 'Charts', 'Whiskers are ' + levelText() + '. Click a name under a chart to hide or show its line.').append(el('div', {class: 'grid'}, figures));
}
