/**
 * The embedded ClickHouse: this process loads the library and becomes the server until standard input ends.
 *
 * Arguments: path of libchdb.so, then options of `clickhouse local`. Exit code 0 after the end of standard
 * input and after a failed statement (whose error is on standard error), 1 when the options are wrong.
 */
import { DataType, isNullPointer, load, open } from 'ffi-rs';

const LIBRARY = 'chdb';
/** The last statement waits for the end of standard input, and the server lives as long as it. */
const QUERY = "SYSTEM START LISTEN HTTP; SELECT * FROM file('-', 'LineAsString') FORMAT Null";

const [libraryPath = '', ...options] = process.argv.slice(2);
const args = ['clickhouse', ...options, '--query', QUERY];

open({ library: LIBRARY, path: libraryPath });
const result = load({
  library: LIBRARY,
  funcName: 'chdb_query_cmdline',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [args.length, args],
});

const asksForError = {
  library: LIBRARY,
  funcName: 'chdb_result_error',
  paramsType: [DataType.External],
  paramsValue: [result],
};
// Asked for as a pointer first: without an error it is null, and null read as a text crashes.
const hasError =
  !isNullPointer(result) && !isNullPointer(load({ ...asksForError, retType: DataType.External }));
if (hasError) process.stderr.write(`${load({ ...asksForError, retType: DataType.String })}\n`);
process.exit(hasError ? 1 : 0);
