import { type FieldError, PROBLEMS, Problem } from '../../platform/http-server/problem.js';
import { checkSlug } from '../core/link-code.js';
import { mergeUtm } from '../core/merge-utm.js';
import { checkTargetUrl } from '../core/target-url.js';
import type { LinkChange } from '../data/link.repository.js';
import type { LinkDraft } from '../link-catalogue.js';
import type { NewLinkBody, UpdateLink } from './link.schema.js';

/** Checks targets and slugs of all links at once. @throws Problem that names every wrong field */
export function toDrafts(
  bodies: readonly NewLinkBody[],
  ownBase: string,
  pointerOf: (position: number) => string,
): LinkDraft[] {
  const errors: FieldError[] = [];
  const drafts = bodies.map((body, i) => toDraft(body, { ownBase, pointer: pointerOf(i), errors }));
  if (errors.length > 0) throw invalid(errors);
  return drafts;
}

/** @throws Problem for a target where no link may lead */
export function toChange(body: UpdateLink, presentTarget: string, ownBase: string): Partial<LinkChange> {
  const change: Partial<LinkChange> = {};
  if (body.targetUrl !== undefined || body.utm !== undefined) {
    const errors: FieldError[] = [];
    change.targetUrl = toTarget(body.targetUrl ?? presentTarget, body.utm, { ownBase, pointer: '', errors });
    if (errors.length > 0) throw invalid(errors);
  }
  if (body.isDisabled !== undefined) change.isDisabled = body.isDisabled;
  if (body.title !== undefined) change.title = body.title;
  if (body.expiresAt !== undefined)
    change.expiresAt = body.expiresAt === null ? null : Date.parse(body.expiresAt);
  if (body.maxClicks !== undefined) change.maxClicks = body.maxClicks;
  return change;
}

interface Place {
  ownBase: string;
  pointer: string;
  errors: FieldError[];
}

function toDraft(body: NewLinkBody, place: Place): LinkDraft {
  const slug = body.slug === undefined ? null : checkSlug(body.slug);
  if (slug?.kind === 'refused') {
    place.errors.push({ pointer: `${place.pointer}/slug`, code: slug.reason, detail: slug.detail });
  }
  return {
    targetUrl: toTarget(body.targetUrl, body.utm, place),
    slug: slug?.kind === 'ok' ? slug : null,
    title: body.title,
    expiresAt: body.expiresAt ? Date.parse(body.expiresAt) : null,
    maxClicks: body.maxClicks ?? null,
    idempotentByUrl: body.idempotentByUrl,
  };
}

function toTarget(targetUrl: string, utm: NewLinkBody['utm'], place: Place): string {
  const plain = checkTargetUrl(targetUrl, place.ownBase);
  const checked =
    plain.kind === 'ok' && utm ? checkTargetUrl(mergeUtm(plain.href, utm), place.ownBase) : plain;
  if (checked.kind === 'ok') return checked.href;
  place.errors.push({ pointer: `${place.pointer}/targetUrl`, code: checked.reason, detail: checked.detail });
  return '';
}

function invalid(errors: readonly FieldError[]): Problem {
  const detail = errors.length === 1 ? (errors[0]?.detail ?? '') : `${errors.length} fields are wrong.`;
  return new Problem(PROBLEMS.invalidRequest, detail, errors);
}
