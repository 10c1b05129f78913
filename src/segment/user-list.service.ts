import { Injectable } from '@nestjs/common';
import { newId, type ProjectId } from '../kernel/ids.js';
import { Clock } from '../platform/clock/clock.js';
import { notFound, PROBLEMS, Problem } from '../platform/http-server/problem.js';
import { ListEntryStore } from './data/list-entry.store.js';
import { type UserList, UserListRepository } from './data/user-list.repository.js';

/** Lists of users that a project uploads, but for their entries. */
@Injectable()
export class UserListService {
  constructor(
    private readonly clock: Clock,
    private readonly lists: UserListRepository,
    private readonly entries: ListEntryStore,
  ) {}

  async create(
    projectId: ProjectId,
    { name, description = '' }: { name: string; description?: string | undefined },
  ): Promise<UserList> {
    const createdAt = new Date(this.clock.now());
    const id = newId('userList', createdAt.getTime());
    if (!(await this.lists.insert({ id, projectId, name, description, createdAt }))) throw nameTaken(name);
    return this.get(projectId, id);
  }

  async get(projectId: ProjectId, id: string): Promise<UserList> {
    const list = await this.lists.find(projectId, id);
    if (!list) throw notFound('list', id);
    return list;
  }

  async update(
    projectId: ProjectId,
    id: string,
    change: { name?: string | undefined; description?: string | undefined },
  ): Promise<UserList> {
    const changed = await this.lists.rename(projectId, id, {
      name: change.name ?? null,
      description: change.description ?? null,
    });
    if (changed === 'name_taken') throw nameTaken(change.name ?? '');
    if (!changed) throw notFound('list', id);
    return changed;
  }

  async delete(projectId: ProjectId, id: string): Promise<void> {
    const list = await this.get(projectId, id);
    const segments = await this.lists.segmentsWith(projectId, id);
    if (segments.length > 0) {
      const names = segments.map((segment) => `${segment.name} (${segment.id})`).join(', ');
      throw new Problem(
        PROBLEMS.conflict,
        `The list is in use by ${names}: change or archive them first.`,
        segments.map((segment) => ({
          pointer: '',
          code: 'in_use',
          detail: `${segment.name} (${segment.id})`,
        })),
      );
    }
    await this.lists.remove(projectId, id);
    await this.entries.delete({ projectId, listId: id, uploads: list.uploads });
  }
}

function nameTaken(name: string): Problem {
  return new Problem(PROBLEMS.conflict, `There is a list named ${name} already.`, [
    { pointer: '/name', code: 'name_taken', detail: 'Choose another name.' },
  ]);
}
