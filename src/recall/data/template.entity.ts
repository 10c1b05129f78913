import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import type { JsonObject } from '../../kernel/json.js';

export type TemplateSource = 'api' | 'file';

@Entity('template')
@Unique('template_slug_key', ['projectId', 'slug'])
@Index('template_project_idx', ['projectId', 'id'])
@Check('template_source_check', `source IN ('api', 'file')`)
export class TemplateEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'template_pk' })
  id!: string;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('text')
  slug!: string;

  @Column('text')
  channel!: string;

  /** The newest version, which new messages use. */
  @Column('integer')
  version!: number;

  /** `file`: a copy of one of templates/, renewed when the file changes, until somebody edits it. */
  @Column('text')
  source!: TemplateSource;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3 })
  updatedAt!: Date;
}

/** Never changed once written: messages name the version that they are made from. */
@Entity('template_version')
export class TemplateVersionEntity {
  @PrimaryColumn('text', { name: 'template_id', primaryKeyConstraintName: 'template_version_pk' })
  templateId!: string;

  @ManyToOne(() => TemplateEntity)
  @JoinColumn({ name: 'template_id', foreignKeyConstraintName: 'template_version_template_fk' })
  template!: TemplateEntity;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'template_version_pk' })
  version!: number;

  @Column('text')
  subject!: string;

  @Column('text')
  html!: string;

  @Column('text')
  text!: string;

  @Column('jsonb')
  sample!: JsonObject;

  /** Of subject, html, text and sample: writing the same content again makes no new version. */
  @Column('text', { name: 'content_hash' })
  contentHash!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3 })
  createdAt!: Date;

  /** Id of the API key, or `file`. */
  @Column('text', { name: 'created_by' })
  createdBy!: string;
}
