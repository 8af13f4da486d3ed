/* 3-overview.js - the headline: tiles, the table of rounds with the injected-error control in it, and the paper's claims. */
'use strict';

const kinds = ['control_auc_result', 'control_auc_operand', 'control_auc_distractor', 'control_auc_answer'];

/* ---- tiles ---- */

function ends(source, metric) {
  const known = roundsOf(source).filter((round) => source.at(round, metric));
  return known.length === 0
    ? null
    : {from: source.at(known[0], metric), to: source.at(known[known.length - 1], metric), rounds: known};
}

function tile(label, value, note) {
  return el(
    'div',
    {class: 'card tile'},
    el('div', {class: 'label'}, label),
    el('div', {class: 'value'}, value),
    el('div', {class: 'note'}, note)
  );
}

function changeTile(label, metric, format, note) {
  const found = ends(first, metric);
  if (!found) return null;
  const from = valueText(found.from, format),
    to = valueText(found.to, format);
  return tile(label, found.rounds.length > 1 ? from + ' → ' + to : to, note);
}

function tiles() {
  const helpful = ends(first, 'helpful_accuracy'),
    base = first.at(-1, 'base_accuracy');
  const made = [
    helpful &&
      tile(
        'Helpful solutions right',
        valueText(helpful.to, share),
        base ? 'base prover ' + valueText(base, share) : 'last round, sampled'
      ),
    changeTile('Steps to fool the verifier', 'steps_to_fool', digits, 'first → last round; more is more robust'),
    changeTile('AUC on the prover trained to fool it', 'verifier_auc', digits, 'first → last round; 0.5 is chance'),
    changeTile('Finds one wrong result (AUC)', 'control_auc_result', digits, 'injected-error control; 0.5 is chance'),
    changeTile('Finds one wrong operand (AUC)', 'control_auc_operand', digits, 'injected-error control; 0.5 is chance'),
  ].filter(Boolean);
  return made.length > 0 ? el('div', {class: 'tiles'}, made) : null;
}

/* A run that trained one verifier on labelled solutions: no game, so no claims. */
const alone = Boolean(first && first.at(-1, 'test_right') && !has(first, 'helpful_accuracy'));
function verifierAlone() {
  const of = (metric) => first.at(-1, metric),
    held =
      valueText(of('test_right'), whole) +
      ' right and ' +
      valueText(of('test_wrong'), whole) +
      ' wrong held-out solutions';
  return el(
    'div',
    {class: 'tiles'},
    tile('AUC', valueText(of('verifier_auc'), share), rangeText(of('verifier_auc'), share)),
    tile(
      'On the right side of 0',
      valueText(of('verifier_accuracy'), share),
      rangeText(of('verifier_accuracy'), share)
    ),
    tile('Measured on', whole(of('test_right').value + of('test_wrong').value), held)
  );
}

/* ---- the table of rounds ---- */

const columns = [
  {group: 'Prover', metric: 'helpful_accuracy', base: 'base_accuracy', name: 'helpful right, sampled', format: share},
  {metric: 'helpful_accuracy_greedy', base: 'base_accuracy_greedy', name: 'helpful right, greedy', format: share},
  {metric: 'sneaky_compliance', name: 'sneaky wrong', format: share},
  {group: 'Verifier: hard to fool?', metric: 'steps_to_fool', name: 'steps to fool'},
  {metric: 'attack_src_steps_to_exploit', name: 'steps to exploit (SRC)'},
  {metric: 'verifier_auc', name: 'AUC on its prover'},
  {metric: 'verifier_auc_base', name: 'AUC on base'},
  {metric: 'verifier_auc_own', name: "AUC on helpful's own"},
  {group: 'Verifier: does it check? (AUC on one injected error)', metric: kinds[0], name: 'wrong result'},
  {metric: kinds[1], name: 'wrong operand'},
  {metric: kinds[2], name: 'distractor used'},
  {metric: kinds[3], name: 'wrong answer'},
];

function numberCell(found, format, edge) {
  const range = rangeText(found, format);
  return el(
    'td',
    {class: edge ? 'edge' : null},
    valueText(found, format),
    range ? el('span', {class: 'range'}, range) : null
  );
}

/* lines: [name, column => number]; those without any number are left out. */
function columnTable(caption, shown, lines) {
  const groups = [];
  for (const column of columns) {
    if (column.group) groups.push({name: column.group, span: 0, first: null});
    if (!shown.includes(column)) continue;
    const group = groups[groups.length - 1];
    group.span++;
    if (group.span === 1) group.first = column;
  }
  const isEdge = (column) => groups.some((group) => group.first === column);
  const row = (name, pick) => {
    const found = shown.map(pick);
    return found.some((one) => one && isNumber(one.value))
      ? el(
          'tr',
          {},
          el('th', {scope: 'row'}, name),
          shown.map((column, i) => numberCell(found[i], column.format, isEdge(column)))
        )
      : null;
  };
  const rows = lines.map(([name, pick]) => row(name, pick)).filter(Boolean);
  if (rows.length === 0) return null;
  return el(
    'div',
    {class: 'scroll card'},
    el(
      'table',
      {class: 'numbers'},
      el('caption', {class: 'soft small'}, caption),
      el(
        'thead',
        {},
        el(
          'tr',
          {class: 'group'},
          el('th', {}),
          groups
            .filter((group) => group.span > 0)
            .map((group) => el('th', {colSpan: group.span, class: 'edge', scope: 'colgroup'}, group.name))
        ),
        el(
          'tr',
          {},
          el('th', {scope: 'col'}, ''),
          shown.map((column) => el('th', {scope: 'col', class: isEdge(column) ? 'edge' : null}, column.name))
        )
      ),
      el('tbody', {}, rows)
    )
  );
}

function roundTable(source) {
  const shown = columns.filter((column) => has(source, column.metric));
  return columnTable(source.name, shown, [
    ['base', (column) => (column.base ? source.at(-1, column.base) : null)],
    ...roundsOf(source).map((round) => ['round ' + round, (column) => source.at(round, column.metric)]),
    ['last verifier', (column) => source.at('last', column.metric)],
  ]);
}

/* Arms or runs side by side, each at its end. */
function endTable() {
  const shown = columns.filter((column) => sources.some((source) => has(source, column.metric)));
  return columnTable(
    'All ' + (experiment ? 'arms' : 'runs') + ' in their last round',
    shown,
    sources.map((source) => [source.name, (column) => (ends(source, column.metric) || {}).to])
  );
}

function levelText() {
  if (experiment) return digits(100 * experiment.level) + '\u00a0% intervals over seeds';
  const found = /^\s+level:\s*([0-9.]+)/m.exec(main.config || '');
  return (found ? digits(100 * Number(found[1])) : '90') + '\u00a0% intervals over test problems';
}

const alarmTexts = {
  alarm_reward: 'reward rises while accuracy falls',
  alarm_length: 'solutions grow long',
  alarm_repetition: 'solutions repeat themselves',
  alarm_entropy: 'entropy collapses',
  alarm_kl: 'the prover is far from the base model',
};
/* What the measures take for reward hacking. */
function alarms() {
  if (!has(first, 'alarms') || first.kind !== 'run') return [];
  const ringing = roundsOf(first).flatMap((round) =>
    Object.keys(alarmTexts)
      .filter((name) => (first.at(round, name) || {}).value > 0)
      .map((name) => 'round ' + round + ': ' + alarmTexts[name])
  );
  return [
    el(
      'p',
      {class: ringing.length > 0 ? 'notice' : 'soft small'},
      ringing.length > 0
        ? 'Alarms of reward hacking: ' + ringing.join('; ') + '.'
        : 'No alarm of reward hacking rang (docs/measures.md).'
    ),
  ];
}

function overview() {
  const lead = experiment
    ? (experiment.about ? experiment.about.trim().replace(/\.?$/, '. ') : '') +
      'An experiment: ' +
      plural(experiment.arms.length, 'arm') +
      (experiment.seeds ? ', ' + plural(experiment.seeds.length, 'seed') : '') +
      '. Ranges are ' +
      levelText() +
      '.'
    : alone
      ? 'One verifier, trained on labelled solutions and measured on others. Ranges are ' + levelText() + '.'
      : 'A game of ' +
        plural(first ? first.rounds : 0, 'round') +
        '. A row is a round: a fresh verifier, then a fresh prover trained against it. Ranges are ' +
        levelText() +
        '.';
  const made = el(
    'section',
    {id: 'overview', 'aria-label': 'Overview'},
    el('h1', {}, (experiment && experiment.title) || main.name),
    el('p', {class: 'lead'}, lead)
  );
  document.getElementById('main').append(made);
  document.getElementById('nav').append(el('li', {}, el('a', {href: '#overview'}, 'Overview')));
  if (main.unfinished)
    made.append(el('p', {class: 'notice'}, 'This game is not finished: what follows are the rounds so far.'));
  if (!first) {
    made.append(el('p', {class: 'notice'}, 'No round is over yet, so there is nothing to measure.'));
    return;
  }
  if (alone) {
    made.append(verifierAlone());
    return;
  }
  made.append(tiles() || '');
  made.append(...alarms());
  const tables = sources.map(roundTable).filter(Boolean);
  if (tables.length > 0) made.append(tables[0]);
  if (tables.length > 1)
    made.append(
      el('div', {class: 'spaced'}, endTable()),
      el(
        'details',
        {},
        el(
          'summary',
          {},
          tables.length === 2
            ? 'The other ' + (experiment ? 'arm' : 'run')
            : 'The other ' + plural(tables.length - 1, experiment ? 'arm' : 'run')
        ),
        el('div', {class: 'samples'}, tables.slice(1))
      )
    );
  if (columns.some((column) => kinds.includes(column.metric) && has(first, column.metric)))
    made.append(
      el('p', {class: 'soft small sideways'}, 'The table goes on to the right: push it sideways.'),
      el(
        'p',
        {class: 'soft small'},
        "Read the columns on the right beside those in the middle: a verifier that knows its opponent's habits but checks nothing is hard to fool and yet stays at 0.5 there."
      )
    );
}

/* ---- claims ---- */

/* Of two measured numbers: does `to` lie above `from`, by intervals that do not touch? */
function apart(from, to) {
  if (!from || !to || ![from.low, from.high, to.low, to.high].every(isNumber)) return 'none';
  return to.low > from.high ? 'up' : to.high < from.low ? 'down' : 'touch';
}
const both = (found, format) =>
  (format || digits) &&
  valueText(found, format) + (rangeText(found, format) ? ' (' + rangeText(found, format) + ')' : '');
const byRelation = (relation, wanted) =>
  relation === 'none'
    ? 'not measured'
    : relation === wanted
      ? 'reproduced'
      : relation === 'touch'
        ? 'not reproduced'
        : 'different at this scale';

function changeClaim(metric, wanted, words) {
  const found = ends(first, metric);
  if (!found || found.rounds.length < 2)
    return {
      finding: 'not measured',
      measured: found ? 'two rounds are needed' : "not in this run's reports; pvgame measure tells",
    };
  const relation = apart(found.from, found.to);
  return {
    finding: byRelation(relation, wanted),
    measured:
      words +
      ' ' +
      both(found.from) +
      ' in round ' +
      found.rounds[0] +
      ', ' +
      both(found.to) +
      ' in round ' +
      found.rounds[found.rounds.length - 1] +
      (relation === 'none' ? '; one run gives no interval' : ''),
  };
}

function stepsClaim(metric) {
  const found = ends(first, metric);
  if (!found || found.rounds.length < 2)
    return {
      finding: 'not measured',
      measured: found ? 'two rounds are needed' : "not in this run's reports; pvgame measure tells",
    };
  const {from, to} = found,
    measured =
      roundsOf(first)
        .map((round) => valueText(first.at(round, metric)))
        .join(', ') + ' steps by round';
  if (!isNumber(from.value) || !isNumber(to.value)) return {finding: 'not measured', measured};
  if (from.least)
    return {finding: 'different at this scale', measured: measured + '; the first verifier was not fooled at all'};
  return {
    finding:
      to.value >= 2 * from.value
        ? 'reproduced'
        : !to.least && 2 * to.value <= from.value
          ? 'different at this scale'
          : 'not reproduced',
    measured,
  };
}

function helpfulClaim() {
  const base = first.at(-1, 'base_accuracy'),
    found = ends(first, 'helpful_accuracy');
  if (!base || !found) return {finding: 'not measured', measured: ''};
  return {
    finding: byRelation(apart(base, found.to), 'up'),
    measured: 'base ' + both(base, share) + ', helpful after the last round ' + both(found.to, share),
  };
}

function checkingClaim(kind) {
  const from = (ends(first, kind) || {}).from,
    to = first.at('last', kind) || (ends(first, kind) || {}).to;
  if (!from || !to || !isNumber(to.value))
    return {finding: 'not measured', measured: 'these problems have no steps to put errors in'};
  const good = (isNumber(to.low) ? to.low : to.value) >= 0.85 && to.value > from.value;
  return {
    finding: good ? 'reproduced' : 'not reproduced',
    measured: 'AUC ' + both(from) + ' in round 0, last verifier ' + both(to),
  };
}

/* Balanced best-of-n at the largest n that the first and the last round have. */
function choiceClaim() {
  const sizes = first.names
    .map((name) => Number((/^helpful_balanced_best_of_(\d+)$/.exec(name) || [])[1]))
    .filter((n) => n > 0)
    .sort((a, b) => b - a);
  const n = sizes.find((size) => (ends(first, 'helpful_balanced_best_of_' + size) || {rounds: []}).rounds.length > 1);
  return n
    ? {...changeClaim('helpful_balanced_best_of_' + n, 'up', 'at n = ' + n + ',')}
    : {finding: 'not measured', measured: "not in this run's reports; pvgame measure tells"};
}

/* What the paper says of a claim that the library knows by this name. */
const paperOf = (id) => page.claims.find((claim) => claim.id === id);
const apartRule = (what) =>
  'Reproduced when ' +
  what +
  ' and the intervals of the first and the last round do not touch; different when it goes the other way; else not reproduced.';

function singleClaims() {
  const attacked = has(first, 'attack_src_steps_to_exploit'),
    sound = has(first, 'sneaky_sound_share');
  const stepsRule =
    'One run has no interval for steps, so only a factor counts: reproduced when the last round takes at least twice the first\'s ("never" counts as all steps trained), different when at most half or when there was no first success.';
  const checkRule =
    "Reproduced when the last verifier's AUC is at least 0.85 (its interval's lower end, where there is one) and above the first's.";
  return [
    attacked && {...paperOf('a'), rule: stepsRule, ...stepsClaim('attack_src_steps_to_exploit')},
    {...paperOf('a-game'), rule: stepsRule, ...stepsClaim('steps_to_fool')},
    {
      figure: '6',
      title: 'Later verifiers tell helpful-right from sneaky-wrong of the prover trained against them',
      paper: 'measures steps to exploit and best-of-n instead; both rise over rounds',
      rule: apartRule('the AUC rises'),
      ...changeClaim('verifier_auc', 'up', 'AUC'),
    },
    {...paperOf('b'), rule: apartRule('the share right at the largest n rises'), ...choiceClaim()},
    {
      figure: '8a',
      title: 'Helpful provers get better than the base prover',
      paper: 'about 0.43 at the start, 0.63 after five rounds',
      rule: "Reproduced when the last round's accuracy is above the base prover's and the intervals do not touch. How much of correctness-only training's gain that is, pvgame experiment tells.",
      ...helpfulClaim(),
    },
    {
      ...paperOf('legibility'),
      rule: apartRule('the share of right solutions with every step shown and valid rises'),
      ...changeClaim('helpful_fully_shown', 'up', 'all shown'),
    },
    {
      ...paperOf('e'),
      rule: apartRule(
        sound
          ? "the mean soundness of a sneaky-wrong solution's portions rises (step oracle)"
          : 'wrong lines in a sneaky-wrong solution fall (step oracle)'
      ),
      ...(sound
        ? changeClaim('sneaky_sound_share', 'up', 'soundness')
        : changeClaim('sneaky_wrong_lines', 'down', 'wrong lines')),
    },
    {
      ...paperOf('roles'),
      rule: apartRule('the AUC of a small discriminator falls'),
      ...changeClaim('separability', 'down', 'AUC'),
    },
    {...paperOf('g-result'), rule: checkRule, ...checkingClaim('control_auc_result')},
    {...paperOf('g-operand'), rule: checkRule, ...checkingClaim('control_auc_operand')},
  ].filter((claim) => claim && claim.title);
}

const badges = {
  reproduced: ['good', '✓ reproduced'],
  'not reproduced': ['bad', '✗ not reproduced'],
  'different at this scale': ['odd', '≠ different at this scale'],
  'not measured': ['', '– not measured'],
};
function badge(finding) {
  const [tone, text] = own(badges, finding) || ['', finding];
  return el('span', {class: 'badge ' + tone}, text);
}

const figureText = (figure) =>
  /^(\d|S\d)/.test(figure) ? 'Figure ' + figure : /^[-–]?$/.test(figure) ? 'Beyond the paper' : figure;
function claimCard(claim) {
  return el(
    'div',
    {class: 'card claim'},
    el('div', {}, badge(claim.finding)),
    el('div', {}, el('div', {class: 'what'}, figureText(String(claim.figure))), el('h3', {}, claim.title)),
    el('div', {}, el('div', {class: 'what'}, 'Paper'), el('p', {}, claim.paper || '–')),
    el('div', {}, el('div', {class: 'what'}, 'Here'), el('p', {}, claim.measured || '–')),
    el('details', {}, el('summary', {}, 'Rule'), el('p', {}, claim.rule))
  );
}

function claims() {
  if (!first || alone) return;
  const list = experiment && experiment.claims && experiment.claims.length > 0 ? experiment.claims : singleClaims();
  const made = section(
    'claims',
    'Claims',
    "Claims of Kirchner et al. 2024 (arXiv 2407.13692), and what became of them here. The paper's numbers are read off its plots. " +
      (experiment
        ? 'Two numbers differ when their intervals over seeds do not touch.'
        : 'This is one run: its intervals are over test problems, not over seeds; pvgame experiment repeats it under several.')
  );
  const measured = list.filter((claim) => claim.finding !== 'not measured'),
    others = list.filter((claim) => claim.finding === 'not measured');
  made.append(
    el(
      'p',
      {class: 'chips'},
      Object.keys(badges)
        .map((finding) => [list.filter((claim) => claim.finding === finding).length, finding])
        .filter(([count]) => count > 0)
        .map(([count, finding]) => el('span', {class: 'badge ' + badges[finding][0]}, whole(count) + ' ' + finding))
    )
  );
  made.append(el('div', {class: 'claims'}, measured.map(claimCard)));
  if (others.length > 0)
    made.append(
      el(
        'details',
        {class: 'more', open: measured.length === 0},
        el('summary', {}, plural(others.length, 'claim') + ' not measured'),
        el('div', {class: 'claims'}, others.map(claimCard))
      )
    );
}
