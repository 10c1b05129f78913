// Who may import whom (docs/architecture.md). A new edge is one line in MAY and a line in an ADR.
const MAY = {
  access: [],
  journal: [],
  decode: ['access'],
  identify: [],
  store: [],
  link: ['access'],
  deliver: ['access'],
  collect: ['access', 'journal'],
  segment: ['access', 'identify', 'store', 'feature', 'churn'],
  query: ['store'],
  churn: ['access', 'store', 'identify', 'feature'],
  feature: ['access', 'store'],
  trigger: ['access', 'segment', 'feature', 'churn'],
  attribution: ['access', 'store', 'identify', 'link'],
  recall: ['access', 'segment', 'store', 'feature', 'churn', 'link', 'deliver'],
  report: ['access', 'store', 'segment', 'identify', 'recall', 'deliver', 'link', 'attribution'],
};
const STAGES = Object.keys(MAY).join('|');
const IO =
  'node_modules/(@nestjs|typeorm|bullmq|ioredis|pg|@clickhouse|@platformatic|nodemailer|handlebars|fastify|undici)/';
const MODULE = '\\.module\\.ts$'; // Nest wiring: a module file may also import a module file, along the same edges
const rule = (name, from, to) => ({ name, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule('no-circular', {}, { circular: true }),
    rule('kernel-imports-nothing', { path: '^src/kernel/' }, { path: ['^src/(?!kernel/)', IO] }),
    rule('platform-knows-no-domain', { path: '^src/platform/' }, { path: '^src/(?!platform/|kernel/)' }),
    rule('stages-do-not-look-up', { path: `^src/(${STAGES})/` }, { path: '^src/(flow|app)/' }),
    rule(
      'flow-uses-contracts',
      { path: '^src/flow/', pathNot: MODULE },
      { path: `^src/((${STAGES})/(?!contract\\.ts$)|app/)` },
    ),
    rule('core-is-pure-packages', { path: '/core/', pathNot: '\\.spec\\.ts$' }, { path: IO }),
    rule(
      'core-is-pure-node',
      { path: '/core/', pathNot: '\\.spec\\.ts$' },
      {
        dependencyTypes: ['core'],
        pathNot: '^(node:)?(crypto|url|zlib|buffer)$',
      },
    ),
    rule(
      'core-sees-core-and-kernel',
      { path: '^src/([^/]+)/core/' },
      {
        path: '^src/',
        pathNot: ['^src/kernel/', '^src/$1/core/', '^src/[^/]+/contract\\.ts$'],
      },
    ),
    rule(
      'contract-is-pure',
      { path: '^src/([^/]+)/contract\\.ts$' },
      { path: [IO, '^src/'], pathNot: ['^src/kernel/', '^src/$1/core/'] },
    ),
    ...Object.entries(MAY).flatMap(([stage, may]) => {
      const only = (file) => ({
        path: `^src/(?!${stage}/)(${STAGES})/`,
        pathNot: may.length ? `^src/(${may.join('|')})/${file}$` : '^$',
      });
      return [
        rule(`stage-${stage}`, { path: `^src/${stage}/`, pathNot: MODULE }, only('contract\\.ts')),
        rule(
          `stage-${stage}-module`,
          { path: `^src/${stage}/.*${MODULE}` },
          only('(contract|[^/]+\\.module)\\.ts'),
        ),
      ];
    }),
    rule(
      'plugin-is-an-island',
      {
        path: '^src/([^/]+)/(channels|networks|actions|sources|formats|definitions)/([^/]+)/',
      },
      { path: '^src/$1/$2/', pathNot: '^src/$1/$2/$3/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
