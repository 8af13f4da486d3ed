/* 5-training.js - curves of training, and attacks on frozen verifiers. */
'use strict';

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
  const walls = [],
    offsets = [];
  let offset = 0;
  for (const curve of curves) {
    offsets.push(offset);
    walls.push({at: offset, label: curve.round >= 0 ? 'round ' + curve.round : ''});
    offset += Math.max(...curve.step.filter(isNumber), 0);
  }
  return {
    walls: curves.length > 1 ? walls : [],
    end: offset,
    points: (metric) =>
      curves.flatMap((curve, i) => (curve.series[metric] || []).map((y, at) => ({x: offsets[i] + curve.step[at], y}))),
  };
}

const trainingGroups = [
  {
    title: 'Reward',
    metrics: ['reward_helpful', 'reward_sneaky'],
    colours: ['helpful', 'sneaky'],
    y: 'mean reward',
    note: 'Beside it stands what the prover truly gets right: reward that rises while accuracy falls is reward hacking.',
  },
  {
    title: 'True accuracy',
    metrics: ['helpful_accuracy', 'sneaky_compliance'],
    colours: ['helpful', 'sneaky'],
    y: 'share',
    min: 0,
    max: 1,
  },
  {
    title: 'Scores',
    metrics: ['helpful_score', 'sneaky_score', 'sneaky_convinces'],
    colours: ['helpful', 'sneaky', 'fifth'],
    y: '',
  },
  {title: 'KL to the base prover', metrics: ['kl'], colours: ['verifier'], y: 'nats a solution', min: 0},
  {title: 'Entropy', metrics: ['entropy'], colours: ['other'], y: 'nats a token', min: 0},
  {title: 'Length', metrics: ['tokens_helpful', 'tokens_sneaky'], colours: ['helpful', 'sneaky'], y: 'tokens', min: 0},
  {
    title: 'Scores of right and wrong',
    metrics: ['score_right', 'score_wrong'],
    colours: ['helpful', 'sneaky'],
    y: 'mean score',
  },
  {title: 'Loss', metrics: ['loss'], colours: ['base'], y: 'loss'},
  {title: 'Share told apart', metrics: ['accuracy'], colours: ['verifier'], y: 'share', max: 1},
];

function trainingFigures(run, stage, width, others) {
  const curves = run.curves.filter((curve) => curve.stage === stage),
    known = [...new Set(curves.flatMap((curve) => Object.keys(curve.series)))];
  const {walls, end, points} = joined(curves),
    taken = new Set(trainingGroups.flatMap((group) => group.metrics));
  const groups = others
    ? known.filter((name) => !taken.has(name)).map((name) => ({title: title(name), metrics: [name], y: ''}))
    : trainingGroups;
  return groups
    .map((group) =>
      figure({
        ...group,
        x: 'step',
        dense: true,
        walls,
        xMin: 0,
        xMax: end,
        series: group.metrics
          .filter((name) => known.includes(name))
          .map((name) => ({
            name: title(name),
            colour: group.colours && group.colours[group.metrics.indexOf(name)],
            points: smooth(points(name), width),
          })),
      })
    )
    .filter(Boolean);
}

function training() {
  const able = runs.filter((run) => (run.curves || []).length > 0);
  if (able.length === 0) return;
  const made = section(
    'training',
    'Training',
    'One point a step, averaged over a few. Rounds follow each other from left to right.'
  );
  const place = el('div', {class: 'grid'}),
    rest = el('div', {class: 'grid'}),
    now = {run: 0, stage: 'prover', width: 5};
  const more = el('details', {class: 'more', ontoggle: () => fill()}, el('summary', {}, 'More curves'), rest);
  const stages = () => [...new Set(able[now.run].curves.map((curve) => curve.stage))];
  const stageBox = el('div', {class: 'chips', role: 'group', 'aria-label': 'Stage'});
  const show = () => {
    const all = stages();
    if (!all.includes(now.stage)) now.stage = all[all.length - 1];
    stageBox.replaceChildren(
      ...all.map((stage) =>
        el(
          'button',
          {
            type: 'button',
            'aria-pressed': String(stage === now.stage),
            onclick: () => {
              now.stage = stage;
              show();
            },
          },
          title(stage)
        )
      )
    );
    for (let i = drawn.length - 1; i >= 0; i--)
      if (made.contains(drawn[i].chart.canvas)) drawn.splice(i, 1)[0].chart.destroy();
    place.replaceChildren(...trainingFigures(able[now.run], now.stage, now.width, false));
    rest.replaceChildren();
    fill();
  };
  const fill = () => {
    if (more.open && !rest.hasChildNodes())
      rest.replaceChildren(...trainingFigures(able[now.run], now.stage, now.width, true));
  };
  made.append(
    el(
      'div',
      {class: 'controls'},
      able.length > 1
        ? choice(
            'Run',
            able.map((run, i) => [String(i), run.name]),
            '0',
            (i) => {
              now.run = Number(i);
              show();
            }
          )
        : null,
      choice(
        'Mean of',
        [
          ['1', '1 step'],
          ['5', '5 steps'],
          ['15', '15 steps'],
        ],
        '5',
        (width) => {
          now.width = Number(width);
          show();
        }
      ),
      stageBox
    ),
    place,
    more
  );
  show();
}

/* ---- attacks ---- */

/* Every report in a file of results, by where it stands. */
function reportsIn(value, name, found = []) {
  if (value && typeof value === 'object' && value.metrics && !Array.isArray(value)) found.push({name, report: value});
  else if (value && typeof value === 'object')
    for (const [key, inner] of Object.entries(value))
      reportsIn(inner, (name ? name + ' ' : '') + (Array.isArray(value) ? (inner && inner.name) || key : key), found);
  return found;
}

const attackColumns = ['wrong', 'score', 'convinces', 'accuracy', 'reward', 'kl', 'tokens'];
const attackTexts = {
  wrong: 'Share of wrong answers',
  score: 'Mean score of wrong answers',
  convinces: 'How convincing: mean of [wrong] sigmoid(score)',
  accuracy: 'Share right',
};

/* {table: [{name, cells, names}]} of the curves in reports. */
function curveTables(reports) {
  const tables = new Map();
  for (const {name, report} of reports)
    for (const [table, cells] of Object.entries(report.tables || {}))
      if (isCurve(table, cells))
        tables.set(table, [
          ...(tables.get(table) || []),
          {
            name,
            cells,
            names: ((report.labels || {})[table] || {}).columns || (shown.attack || {}).curve_columns || attackColumns,
          },
        ]);
  return tables;
}

function curveFigures(list) {
  return list[0].names
    .filter((name) => own(attackTexts, name))
    .map((name) =>
      figure({
        title: attackTexts[name],
        x: 'step',
        y: name,
        dense: true,
        series: list.map((one) => ({
          name: one.name,
          points: smooth(
            one.cells.map((row, step) => ({x: step + 1, y: row[one.names.indexOf(name)]})),
            5
          ),
        })),
      })
    )
    .filter(Boolean);
}

function attackCurves(reports) {
  const tables = curveTables(reports),
    place = el('div', {class: 'grid'}),
    names = [...tables.keys()];
  if (names.length === 0) return null;
  const show = (table) => {
    for (let i = drawn.length - 1; i >= 0; i--)
      if (place.contains(drawn[i].chart.canvas)) drawn.splice(i, 1)[0].chart.destroy();
    place.replaceChildren(...curveFigures(tables.get(table)));
  };
  show(names[0]);
  return el(
    'div',
    {class: 'spaced'},
    el(
      'div',
      {class: 'controls'},
      choice(
        'Attacks with the reward',
        names.map((name) => [name, title(name.replace(/_curve$/, ''))]),
        names[0],
        show
      )
    ),
    place
  );
}

function attackTable(reports) {
  const names = [...new Set(reports.flatMap(({report}) => Object.keys(report.metrics)))].filter((name) =>
    /steps_to_exploit|best_of_\d+$/.test(name)
  );
  if (names.length === 0) return null;
  return el(
    'div',
    {class: 'card scroll'},
    el(
      'table',
      {class: 'numbers'},
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          el('th', {scope: 'col'}, 'verifier'),
          names.map((name) => el('th', {scope: 'col'}, title(name)))
        )
      ),
      el(
        'tbody',
        {},
        reports.map(({name, report}) =>
          el(
            'tr',
            {},
            el('th', {scope: 'row'}, name),
            names.map((metric) => {
              const value = report.metrics[metric];
              return el(
                'td',
                {},
                isNumber(value) ? digits(value) : metric in report.metrics && /steps_to_/.test(metric) ? 'never' : '–'
              );
            })
          )
        )
      )
    )
  );
}

function attacks() {
  const known = attackReports(shown),
    reports = known.length > 0 ? known : shown.attack ? reportsIn(shown.attack, '') : [];
  if (reports.length === 0) return;
  const made = section(
    'attacks',
    'Attacks',
    'Frozen verifiers, attacked by provers that are sneaky alone, and by best-of-n. Read it beside the injected-error control: robustness can be recognition of style.'
  );
  const control = first ? controlTable(first) : null;
  made.append(
    el('div', {class: 'samples'}, attackTable(reports) || '', control ? el('div', {class: 'card'}, control) : ''),
    attackCurves(reports) || ''
  );
}
