import 'reflect-metadata';
import { Config } from '../../platform/config/config.js';
import { startServices } from '../services.js';

// Applies every pending migration of both stores, then ends.
const services = await startServices(Config.fromEnvironment().with({ MIGRATE: 'auto' }), () =>
  process.exit(1),
);
process.stdout.write('PostgreSQL and ClickHouse are up to date.\n');
await services.close();
