/** What is wrong with one field, found after the schema; `pointer` is a JSON Pointer into the request body. */
export interface FieldIssue {
  pointer: string;
  code: string;
  detail: string;
}
