import { EngineFailure } from './engine-start-error.js';
import { classifyStartFailure, tellingLine, toDataDirError, toStartError } from './start-failure.js';

describe('Why an engine did not start', () => {
  it.each([
    ['LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', 'port_busy'],
    [
      'Code: 210. DB::Exception: Listen [127.0.0.1]:9 failed: Net Exception: Address already in use',
      'port_busy',
    ],
    ['FATAL:  lock file "postmaster.pid" already exists', 'folder_busy'],
    ['FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use', 'folder_busy'],
    ['Code: 76. DB::Exception: Cannot lock file /data/status. Another server instance', 'folder_busy'],
    ['initdb: error: could not write to file "base/1": No space left on device', 'no_space'],
    ['errno: 28, strerror: No space left on device. (CANNOT_OPEN_FILE)', 'no_space'],
    ['filesystem error: in create_directories: Read-only file system', 'read_only'],
    ['FATAL:  data directory has wrong ownership', 'other'],
  ])('is read from its lines: %s', (line, failure) => {
    expect(classifyStartFailure(['LOG:  starting', line, 'LOG:  shutting down'])).toBe(failure);
  });

  it('is no space rather than a busy folder when the lock cannot be written', () => {
    expect(classifyStartFailure(['Cannot lock file status, No space left on device'])).toBe('no_space');
  });

  it('is told in one sentence that names the folder', () => {
    const sentence = toStartError(
      'ClickHouse',
      '/data',
      new EngineFailure(['No space left on device']),
    ).message;
    expect(sentence).toBe(
      'The disk of the data folder /data is full: free some space or set DATA_DIR to a folder on another disk.',
    );
  });

  it('shows the line with the error, not the stack trace behind it', () => {
    expect(tellingLine(['Code: 36. DB::Exception: bad', '0. ? @ 0x1', 'Mount point: /'])).toContain(
      'Code: 36',
    );
    expect(tellingLine(['bye'])).toBe('bye');
    expect(tellingLine([])).toBe('nothing');
  });
});

describe('An error of the file system under the data folder', () => {
  it.each([
    ['ENOSPC', 'is full'],
    ['EROFS', 'cannot be read and written'],
    ['EACCES', 'cannot be read and written'],
    ['EEXIST', 'a file is in its way'],
  ])('%s becomes a sentence', (code, part) => {
    const error = Object.assign(new Error('raw'), { code });
    expect(toDataDirError('/data', error)?.message).toContain(part);
  });

  it('is left alone when it says nothing about the folder', () => {
    expect(toDataDirError('/data', new Error('a bug'))).toBeUndefined();
  });
});
