import { Injectable } from '@nestjs/common';
import { customAlphabet } from 'nanoid';
import { newId, type ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { Config } from '../platform/config/config.js';
import { notFound, PROBLEMS, Problem } from '../platform/http-server/problem.js';
import { AdClickService } from './ad-click.service.js';
import { type AdLink, AdLinkRepository } from './data/ad-link.repository.js';
import { findAdNetwork } from './networks/index.js';

/** What a marketer says about a link. */
export interface AdLinkInput {
  network: string;
  name: string;
  app: string | null;
  os: 'android' | 'ios' | null;
  utm: Record<string, string>;
  landingUrl: string | null;
  windowDays: number;
  /** ISO 8601 */
  expiresAt: string | null;
  isDisabled: boolean;
}

/** Fields that a change may name; those that are left out stay. */
export type AdLinkChange = { [K in keyof Omit<AdLinkInput, 'network'>]?: AdLinkInput[K] | undefined };

/** 58^12: nobody finds a link by trying, so that nobody can report clicks for it. */
const newCode = customAlphabet('123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz', 12);

@Injectable()
export class AdLinkService {
  constructor(
    private readonly repository: AdLinkRepository,
    private readonly clicks: AdClickService,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  async create(projectId: ProjectId, input: AdLinkInput) {
    const now = this.clock.now();
    const link: AdLink = {
      ...input,
      id: newId('adLink', now),
      projectId,
      code: newCode(),
      createdAt: new Date(now),
      expiresAt: toDate(input.expiresAt),
    };
    await this.repository.insert(link);
    return this.show(link);
  }

  async list(projectId: ProjectId, before: string | null, limit: number) {
    return (await this.repository.list(projectId, before, limit)).map((link) => this.show(link));
  }

  async get(projectId: ProjectId, id: string) {
    return this.show(await this.find(projectId, id));
  }

  async update(projectId: ProjectId, id: string, change: AdLinkChange) {
    const link = await this.find(projectId, id);
    const { expiresAt, ...rest } = change;
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    const changed: AdLink = {
      ...link,
      ...given,
      expiresAt: expiresAt === undefined ? link.expiresAt : toDate(expiresAt),
    };
    await this.repository.update(changed);
    this.clicks.forget(link.code);
    return this.show(changed);
  }

  async remove(projectId: ProjectId, id: string): Promise<void> {
    const link = await this.find(projectId, id);
    if (!(await this.repository.deleteUnused(projectId, id))) {
      throw new Problem(PROBLEMS.conflict, 'The link has clicks: disable it instead.');
    }
    this.clicks.forget(link.code);
  }

  private async find(projectId: ProjectId, id: string): Promise<AdLink> {
    const link = await this.repository.find(projectId, id);
    if (!link) throw notFound('ad link', id);
    return link;
  }

  private show(link: AdLink) {
    const { projectId: _projectId, createdAt, expiresAt, ...rest } = link;
    const base = `${this.config.publicUrl}/ad/click/${link.code}`;
    return {
      ...rest,
      monitoringUrl: findAdNetwork(link.network)?.clickUrl(base, link) ?? base,
      landingLink: link.landingUrl === null ? null : `${base}?redirect=1`,
      createdAt: createdAt.toISOString(),
      expiresAt: expiresAt?.toISOString() ?? null,
    };
  }
}

function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
