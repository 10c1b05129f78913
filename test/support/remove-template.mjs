import { rm } from 'node:fs/promises';

export default async function removeTemplate() {
  const folder = process.env.TEST_TEMPLATE_DIR;
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}
