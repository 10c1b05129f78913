import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';

@Entity('project')
@Unique('project_slug_key', ['slug'])
export class ProjectEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'integer',
    generatedIdentity: 'BY DEFAULT',
    primaryKeyConstraintName: 'project_pk',
  })
  id!: number;

  @Column('text')
  slug!: string;

  @Column('text')
  name!: string;

  @Column('text', { name: 'time_zone' })
  timeZone!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;
}

@Entity('api_key')
@Unique('api_key_hash_key', ['keyHash'])
export class ApiKeyEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'api_key_pk' })
  id!: string;

  @Column('integer', { name: 'project_id', nullable: true })
  projectId!: number | null;

  @Column('text')
  name!: string;

  @Column('text', { array: true })
  scopes!: string[];

  @Column('text', { name: 'key_hash' })
  keyHash!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'revoked_at', precision: 3, nullable: true })
  revokedAt!: Date | null;
}

@Entity('collect_token')
export class CollectTokenEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'collect_token_pk' })
  projectId!: number;

  @PrimaryColumn('text', { name: 'token_hash', primaryKeyConstraintName: 'collect_token_pk' })
  tokenHash!: string;

  @Column('text')
  name!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;
}

/** What a project takes in where it is not what the installation takes; a project without a row has no such rule. */
@Entity('collect_rule')
export class CollectRuleEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'collect_rule_pk' })
  projectId!: number;

  @Column('text', { name: 'allowed_origins', array: true })
  allowedOrigins!: string[];

  @Column('integer', { name: 'body_limit_bytes', nullable: true })
  bodyLimitBytes!: number | null;

  @Column('integer', { name: 'late_days', nullable: true })
  lateDays!: number | null;

  @Column('integer', { name: 'future_minutes', nullable: true })
  futureMinutes!: number | null;

  @Column({ type: 'timestamptz', name: 'updated_at', precision: 3, default: () => 'now()' })
  updatedAt!: Date;
}

@Entity('audit_log')
@Index('audit_log_project_idx', ['projectId', 'id'])
export class AuditLogEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'audit_log_pk' })
  id!: string;

  @Column('integer', { name: 'project_id', nullable: true })
  projectId!: number | null;

  @Column('text', { name: 'key_id' })
  keyId!: string;

  @Column({ type: 'timestamptz', precision: 3 })
  at!: Date;

  @Column('text')
  method!: string;

  @Column('text')
  path!: string;

  @Column('integer')
  status!: number;

  @Column('jsonb', { nullable: true })
  request!: unknown;

  @Column('text', { name: 'request_id' })
  requestId!: string;
}

@Entity('idempotency_key')
export class IdempotencyKeyEntity {
  @PrimaryColumn('text', { name: 'key_id', primaryKeyConstraintName: 'idempotency_key_pk' })
  keyId!: string;

  @PrimaryColumn('text', { name: 'idempotency_key', primaryKeyConstraintName: 'idempotency_key_pk' })
  idempotencyKey!: string;

  @Column('text', { name: 'request_hash' })
  requestHash!: string;

  @Column('integer', { nullable: true })
  status!: number | null;

  @Column('jsonb', { nullable: true })
  answer!: unknown;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'now()' })
  createdAt!: Date;
}
