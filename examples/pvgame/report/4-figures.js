/* 4-figures.js - charts by round, curves over a count, tables of verifiers by provers. */
'use strict';

/* ---- by round ---- */

/* A line of a metric over rounds; `last` adds the verifier trained after all rounds, at the end. */
function roundPoints(source, metric, last) {
  const points = roundsOf(source).map((round) => point(round, source.at(round, metric)));
  if (last) points.push(point(source.rounds, source.at('last', metric)));
  return points.filter(Boolean);
}
function point(x, found) {
  return found && isNumber(found.value)
    ? {x, y: found.value, low: found.low, high: found.high, open: Boolean(found.least)}
    : null;
}

function roundNames(last) {
  const most = Math.max(...sources.map((source) => source.rounds)),
    names = new Map();
  for (let round = 0; round < most; round++) names.set(round, String(round));
  if (last) names.set(most, 'last');
  return names;
}

/* One line a metric for the first source; of the others the first metric they have, dashed. */
function roundFigure(plan) {
  const last = plan.last && sources.some((source) => plan.metrics.some((metric) => source.at('last', metric)));
  const series = plan.metrics.map((metric, i) => ({
    name: title(metric),
    colour: plan.colours && plan.colours[i],
    points: roundPoints(first, metric, last),
  }));
  for (const [i, source] of sources.slice(1).entries()) {
    const metric = plan.metrics.find((name) => has(source, name));
    if (metric)
      series.push({
        name: source.name + (plan.metrics.length > 1 ? ': ' + title(metric) : ''),
        dash: true,
        hidden: i > 2,
        colour: palette[(i + 2) % palette.length],
        points: roundPoints(source, metric, last),
      });
  }
  const levels = (plan.levels || []).concat(
    plan.base && first.at(-1, plan.base) ? [{at: first.at(-1, plan.base).value, label: 'base'}] : []
  );
  return figure({
    x: 'round',
    y: plan.y,
    min: plan.min,
    max: plan.max,
    levels,
    names: roundNames(last),
    title: plan.title,
    note: plan.note,
    series,
  });
}

const chance = [{at: 0.5, label: 'chance'}];
const roundPlans = [
  {
    group: 'prover',
    title: 'Provers: how often right',
    y: 'share',
    metrics: ['helpful_accuracy', 'helpful_accuracy_greedy', 'sneaky_compliance'],
    colours: ['helpful', 'other', 'sneaky'],
    base: 'base_accuracy',
    min: 0.5,
    max: 1,
    note: 'Of test problems; sneaky: share with a parsed wrong answer.',
  },
  {
    group: 'robust',
    title: 'Steps to fool',
    y: 'steps',
    metrics: ['steps_to_fool', 'steps_to_parity'],
    colours: ['sneaky', 'fifth'],
    min: 0,
    note: 'Prover steps until sneaky solutions convince. A hollow mark: not within the steps trained.',
  },
  {
    group: 'robust',
    title: 'Steps to exploit a frozen verifier',
    y: 'steps',
    metrics: ['src', 'cgc', 'goodhart', 'convince'].map((reward) => 'attack_' + reward + '_steps_to_exploit'),
    colours: ['sneaky', 'fifth', 'other', 'verifier'],
    last: true,
    min: 0,
    note: "Provers that are sneaky alone, trained from the start against each round's verifier. A hollow mark: not within the steps tried.",
  },
  {
    group: 'robust',
    title: 'Verifiers: telling right from wrong',
    y: 'AUC',
    metrics: ['verifier_auc', 'verifier_auc_base', 'verifier_auc_own'],
    colours: ['verifier', 'base', 'helpful'],
    levels: chance,
    last: true,
    min: 0.4,
    max: 1,
    note: "On the prover trained to fool it, on the base prover, and on helpful's own right and wrong.",
  },
  {
    group: 'robust',
    title: 'The control: finding one injected error',
    y: 'AUC',
    metrics: kinds,
    colours: ['sneaky', 'helpful', 'other', 'fifth'],
    levels: chance,
    last: true,
    min: 0.4,
    max: 1,
    note: 'Clean worked solutions against the same with one error of one kind. What a verifier really checks.',
  },
  {
    group: 'robust',
    title: 'Scores',
    y: 'mean of sigmoid(score)',
    metrics: ['helpful_score', 'sneaky_score'],
    colours: ['helpful', 'sneaky'],
    levels: [{at: 0.5, label: ''}],
    min: 0,
    max: 1,
    note: 'How convinced the verifier is of helpful-right and sneaky-wrong test solutions.',
  },
  {
    group: 'prover',
    title: 'Legibility',
    y: 'share of right solutions',
    metrics: ['helpful_fully_shown', 'helpful_valid'],
    colours: ['helpful', 'other'],
    base: 'base_fully_shown',
    min: 0,
    max: 1,
    note: 'By the step oracle: every step written out and valid; every step valid.',
  },
  {
    group: 'sneaky',
    title: 'How sound sneaky-wrong solutions are',
    y: 'share',
    metrics: ['sneaky_sound_share', 'sneaky_sound_least', 'sneaky_one_flaw'],
    colours: ['sneaky', 'base', 'fifth'],
    min: 0,
    max: 1,
    note: "The paper's figure 7a with an exact oracle: a subtle flaw leaves all but one portion sound.",
  },
  {
    group: 'sneaky',
    title: 'Kinds of wrong lines',
    y: 'share of wrong lines',
    metrics: ['sneaky_error_result', 'sneaky_error_operand', 'sneaky_error_distractor', 'sneaky_error_several'],
    colours: ['sneaky', 'helpful', 'other', 'fifth'],
    min: 0,
    max: 1,
    note: 'Of sneaky-wrong solutions.',
  },
  {
    group: 'sneaky',
    title: 'Can the roles be told apart by style?',
    y: 'AUC',
    metrics: ['separability'],
    colours: ['verifier'],
    levels: chance,
    min: 0.4,
    max: 1,
    note: 'By a small discriminator that sees words alone. Near 1: verifiers can go by style.',
  },
  {
    group: 'robust',
    title: 'At the threshold of 0',
    y: 'share',
    metrics: ['verifier_recall_helpful', 'verifier_fpr_sneaky', 'verifier_accuracy', 'verifier_calibration'],
    colours: ['helpful', 'sneaky', 'verifier', 'base'],
    min: 0,
    max: 1,
    note: 'Accepted helpful-right and sneaky-wrong solutions; calibration is the expected error.',
  },
  {
    group: 'prover',
    title: 'Repetition',
    y: 'share of repeated words',
    metrics: ['helpful_repetition', 'sneaky_repetition'],
    colours: ['helpful', 'sneaky'],
    base: 'base_repetition',
    min: 0,
  },
  {
    group: 'sneaky',
    title: 'How subtle sneaky solutions are',
    y: 'per wrong solution',
    metrics: ['sneaky_wrong_lines', 'sneaky_arithmetic_errors', 'sneaky_grounding_errors', 'sneaky_answer_distance'],
    min: 0,
    note: 'Fewer wrong lines and a nearer answer are harder to see.',
  },
  {
    group: 'prover',
    title: 'Length',
    y: 'tokens',
    metrics: ['helpful_tokens', 'sneaky_tokens'],
    colours: ['helpful', 'sneaky'],
    base: 'base_tokens',
    min: 0,
    note: 'Mean length of test solutions.',
  },
];

/* ---- the plane of accuracy and legibility ---- */

function planePoint(accuracy, legibility, note) {
  if (!accuracy || !legibility || !isNumber(accuracy.value) || !isNumber(legibility.value)) return null;
  return {
    x: accuracy.value,
    xlow: accuracy.low,
    xhigh: accuracy.high,
    y: legibility.value,
    low: legibility.low,
    high: legibility.high,
    note,
  };
}

const legibility = ['fully_shown', 'shown', 'valid', 'reader_4', 'judge_accuracy'];
function planeFigure() {
  const able = legibility.filter((name) => sources.some((source) => has(source, 'helpful_' + name)));
  if (able.length === 0) return null;
  const place = el('div', {class: 'plane'}),
    show = (measure) => {
      const series = sources.map((source, i) => ({
        name: source.name,
        trail: true,
        hidden: i > 5,
        points: [
          planePoint(source.at(-1, 'base_accuracy'), source.at(-1, 'base_' + measure), 'base'),
          ...roundsOf(source).map((round) =>
            planePoint(
              source.at(round, 'helpful_accuracy'),
              source.at(round, 'helpful_' + measure),
              source.name + ', round ' + round
            )
          ),
        ].filter(Boolean),
      }));
      place.replaceChildren(
        figure({
          title: 'Accuracy and legibility',
          note:
            "The paper's figure 1: from the base prover on, round by round. Legibility: " +
            title('helpful_' + measure) +
            '.',
          x: 'accuracy',
          y: 'legibility',
          scatter: true,
          series,
          min: 0,
          max: 1,
          control:
            able.length > 1
              ? choice(
                  'Legibility',
                  able.map((name) => [name, title('helpful_' + name)]),
                  measure,
                  show
                )
              : null,
        }) || ''
      );
    };
  show(able[0]);
  return place;
}

/* ---- choosing among n, readers with k checks: curves over a count ---- */

const labelsOf = (labels, which, count, word) =>
  labels && labels[which] && labels[which].length === count
    ? labels[which].map((name, i) => (name === '' ? word + i : name))
    : Array.from({length: count}, (_, i) => word + i);
const counted = /^(n|k|step|steps|checks|samples)$/;
const isCounted = (report, table) => {
  const labels = (report.labels || {})[table];
  return Boolean(labels && labels.columns && counted.test(labels.columns[0]));
};
const isAside = (name) => /^(problems|low|high)$|_(low|high)$/.test(name);

/* Metrics NAME_N over N, a line a round; of the base, a line too. */
function familyFigures(source, drawnTables) {
  const families = new Map();
  for (const name of source.names) {
    const found = /^((?:attack_|helpful_)?(?:balanced_)?(?:best_of|vote|pass_at|reader))_(\d+)$/.exec(name);
    if (!found || drawnTables.has(found[1])) continue;
    if (!families.has(found[1])) families.set(found[1], []);
    families.get(found[1]).push({n: Number(found[2]), name});
  }
  return [...families]
    .filter(([, list]) => list.length > 1)
    .map(([family, list]) => {
      list.sort((a, b) => a.n - b.n);
      const line = (round, prefix, name) => ({
        name,
        points: list.map((one) => point(one.n, source.at(round, prefix + one.name))).filter(Boolean),
      });
      const base = family.startsWith('helpful_')
        ? [
            {
              ...line(-1, '', 'base'),
              points: list
                .map((one) => point(one.n, source.at(-1, one.name.replace('helpful_', 'base_'))))
                .filter(Boolean),
              dash: true,
              colour: 'base',
            },
          ]
        : [];
      return figure({
        title: title(family),
        x: /reader/.test(family) ? 'checks' : 'n',
        doubling: true,
        y: 'share',
        series: [
          ...roundsOf(source).map((round) => line(round, '', 'round ' + round)),
          line('last', '', 'last verifier'),
          line(-1, '', 'whole'),
          ...base,
        ],
        min: 0,
        max: 1,
        note: familyNotes[family],
      });
    })
    .filter(Boolean);
}
const familyNotes = {
  helpful_reader:
    "Balanced accuracy of a reader who checks steps in random order and tosses a coin when out of time, on a prover's own right and wrong solutions.",
  reader: 'The same reader on helpful-right and sneaky-wrong solutions.',
  attack_best_of:
    "Of test problems: the best-scored wrong one of n samples convinces as much as the helpful prover's right ones.",
};

/* Tables whose first column counts something: a line a round where they say what was `right`, else the last round's columns. */
function countedFigures(run, drawnTables) {
  const tables = new Map();
  for (const {name, report} of allReports(run))
    for (const [table, cells] of Object.entries(report.tables))
      if (isCounted(report, table) && cells.length > 0)
        tables.set(table, [...(tables.get(table) || []), {name, cells, columns: report.labels[table].columns}]);
  return [...tables]
    .flatMap(([table, list]) => {
      drawnTables.add(table.replace(/s$/, ''));
      const column = (one, name) => one.columns.indexOf(name),
        line = (one, name, more) => ({
          ...more,
          points: one.cells
            .map((row) =>
              point(row[0], {
                value: row[column(one, name)],
                low: row[column(one, name === 'right' ? 'low' : name + '_low')],
                high: row[column(one, name === 'right' ? 'high' : name + '_high')],
              })
            )
            .filter(Boolean),
        });
      const last = list[list.length - 1],
        x = last.columns[0],
        names = last.columns.slice(1).filter((name) => !isAside(name));
      if (names.includes('right'))
        return figure({
          title: title(table),
          x,
          doubling: true,
          y: 'share right',
          min: 0,
          max: 1,
          note: "The verifier's pick. Dashed: at least one of n is right, in the last round.",
          series: [
            ...list.map((one) => line(one, 'right', {name: one.name})),
            ...(names.includes('any_right')
              ? [line(last, 'any_right', {name: 'any right', dash: true, colour: 'base'})]
              : []),
          ],
        });
      if (x === 'step')
        return names
          .filter((name) => /separability|repetition/.test(name))
          .map((name) =>
            figure({
              title: title(name) + (name === 'separability' ? ', along training' : ': repetition along training'),
              x,
              y: '',
              series: list.map((one) => line(one, name, {name: one.name})),
            })
          );
      return figure({
        title: title(table) + ', ' + last.name,
        x,
        doubling: x === 'n',
        y: '',
        min: 0,
        max: 1,
        series: names.map((name) => line(last, name, {name: title(name)})),
      });
    })
    .filter(Boolean);
}

/* ---- tables ---- */

const tableTitles = {
  auc: 'AUC: helpful-right against sneaky-wrong',
  sneaky_score: 'Mean score of sneaky-wrong solutions',
  helpful_score: 'Mean score of helpful-right solutions',
  fooled: 'Share of sneaky-wrong above the median helpful-right',
};
function scaleOf(name, cells) {
  const all = cells.flat().filter(isNumber);
  if (/auc|accuracy/.test(name)) return [0, 0.5, 1];
  if (all.every((x) => x >= 0 && x <= 1)) return [0, 0.5, 1];
  const most = Math.max(...all.map(Math.abs), 1e-9);
  return [-most, 0, most];
}
const isCurve = (name, cells) => /_curve$/.test(name) || cells.length > 40;

function tableNames(name, report, cells, summary) {
  const labels = (report.labels || {})[name],
    square = summary && cells[0].length <= cells.length;
  const rows = labelsOf(labels, 'rows', cells.length, square ? 'verifier ' : 'row '),
    names = labelsOf(labels, 'columns', cells[0].length, square ? 'prover ' : 'column ');
  if (square && !labels && cells.length === cells[0].length + 1) rows[rows.length - 1] = 'last verifier';
  return [rows, names];
}

function controlTable(source) {
  const shown = kinds.filter((kind) => has(source, kind)),
    rounds = [...roundsOf(source), 'last'];
  const rows = rounds.filter((round) => shown.some((kind) => source.at(round, kind)));
  if (shown.length === 0 || rows.length === 0) return null;
  return heatMap(
    'Beside it, the control: AUC on one injected error',
    rows.map((round) => shown.map((kind) => (source.at(round, kind) || {}).value)),
    rows.map((round) => (round === 'last' ? 'last verifier' : 'verifier ' + round)),
    shown.map(title),
    [0, 0.5, 1],
    ''
  );
}

function robustness() {
  const found = allReports(shown).flatMap(({name, report}) =>
    Object.entries(report.tables || {})
      .filter(
        ([table, cells]) =>
          cells.length > 0 && cells[0].length > 0 && !isCurve(table, cells) && !isCounted(report, table)
      )
      .map(([table, cells]) => ({key: name + '/' + table, table, cells, report, name}))
  );
  if (found.length === 0) return;
  const made = section(
    'robustness',
    'Verifier by prover',
    "Rows are verifiers, columns the provers of each round. On the diagonal a prover was trained against that verifier; below it the verifier already knew that prover's solutions."
  );
  const place = el('div', {class: 'card'});
  const label = (one) =>
    (own(tableTitles, one.table) || title(one.table)) + (one.name === 'summary' ? '' : ', ' + one.name);
  const show = (key) => {
    const one = found.find((candidate) => candidate.key === key),
      [rows, names] = tableNames(one.table, one.report, one.cells, one.name === 'summary');
    place.replaceChildren(heatMap(label(one), one.cells, rows, names, scaleOf(one.table, one.cells)));
  };
  show(found[0].key);
  if (found.length > 1)
    made.append(
      el(
        'div',
        {class: 'controls'},
        choice(
          'Table',
          found.map((one) => [one.key, label(one)]),
          found[0].key,
          show
        )
      )
    );
  const control = first ? controlTable(first) : null;
  made.append(el('div', {class: control ? 'grid' : ''}, place, control ? el('div', {class: 'card'}, control) : null));
}

/* ---- charts ---- */

const chartGroups = [
  ['prover', 'Provers and legibility'],
  ['robust', 'Robustness of verifiers, and the control beside it'],
  ['sneaky', 'Sneaky solutions'],
  ['choose', 'Choosing among many, checking a few'],
];

function charts() {
  if (!first || alone) return;
  const drawnTables = new Set(),
    choosing = experiment ? [] : countedFigures(first.run, drawnTables);
  const figures = {
    prover: [planeFigure()],
    robust: [],
    sneaky: [],
    choose: [...choosing, ...familyFigures(first, drawnTables)],
  };
  for (const plan of roundPlans) figures[plan.group].push(roundFigure(plan));
  const full = chartGroups
    .map(([key, name]) => [name, figures[key].filter(Boolean)])
    .filter(([, list]) => list.length > 0);
  if (full.length === 0) return;
  const made = section(
    'charts',
    'Charts',
    'Whiskers are ' + levelText() + '. Click a name under a chart to hide or show its line.'
  );
  for (const [name, list] of full) made.append(el('h3', {class: 'group'}, name), el('div', {class: 'grid'}, list));
}
