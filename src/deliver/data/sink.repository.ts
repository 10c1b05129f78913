import { Injectable } from '@nestjs/common';
import { newId, type ProjectId } from '../../kernel/ids.js';
import { Database } from '../../platform/db/database.js';
import { toRecords, toTimestamp } from './to-records.js';

export interface SinkMail {
  /** Our id of the message, out of its header; null where it has none. */
  messageId: string | null;
  sender: string;
  recipients: string[];
  subject: string;
  html: string;
  text: string;
  headers: [name: string, value: string][];
  raw: Buffer;
}

export interface SinkRow {
  id: string;
  messageId: string | null;
  sender: string;
  recipients: string[];
  subject: string;
  receivedAt: Date;
}

export interface FullSinkRow extends SinkRow {
  html: string;
  text: string;
  headers: [string, string][];
  raw: Buffer;
}

const SUMMARY = `id, message_id AS "messageId", sender, recipients, subject, received_at AS "receivedAt"`;

@Injectable()
export class SinkRepository {
  constructor(private readonly db: Database) {}

  async insert(mail: SinkMail, now: number): Promise<void> {
    const clean = (text: string) => text.replaceAll('\u0000', '');
    await this.db.execute(
      `INSERT INTO sink_message (id, project_id, message_id, sender, recipients, subject, html, text, headers, raw, received_at)
       VALUES ($1, (SELECT project_id FROM message WHERE id = $2), $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10)`,
      [
        newId('sinkMessage', now),
        mail.messageId,
        mail.sender,
        mail.recipients,
        clean(mail.subject),
        clean(mail.html),
        clean(mail.text),
        toRecords(mail.headers),
        mail.raw,
        toTimestamp(now),
      ],
    );
  }

  /** Newest first, behind the mail `before`; `to` is the whole address of a recipient, in any case. */
  list(
    projectId: ProjectId,
    to: string | null,
    page: { limit: number; before: string | null },
  ): Promise<SinkRow[]> {
    return this.db.query<SinkRow>(
      `SELECT ${SUMMARY} FROM sink_message
       WHERE project_id = $1 AND ($2::text IS NULL OR lower($2) = ANY(recipients)) AND ($3::text IS NULL OR id < $3)
       ORDER BY id DESC LIMIT $4`,
      [projectId, to, page.before, page.limit],
    );
  }

  async find(projectId: ProjectId, id: string): Promise<FullSinkRow | null> {
    const [row] = await this.db.query<FullSinkRow>(
      `SELECT ${SUMMARY}, html, text, headers, raw FROM sink_message WHERE project_id = $1 AND id = $2`,
      [projectId, id],
    );
    return row ?? null;
  }

  deleteAll(projectId: ProjectId): Promise<number> {
    return this.db.execute('DELETE FROM sink_message WHERE project_id = $1', [projectId]);
  }

  /** Keeps the newest `count` mails of the installation. */
  trim(count: number): Promise<number> {
    return this.db.execute(
      `DELETE FROM sink_message WHERE id <= (SELECT id FROM sink_message ORDER BY id DESC OFFSET $1 LIMIT 1)`,
      [count],
    );
  }
}
