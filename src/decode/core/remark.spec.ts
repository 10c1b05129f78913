import type { DecodedRecord } from '../../kernel/event.js';
import { emptyOutput } from './format.js';
import { addRemarkOfQuery } from './remark.js';

const aRecord = (type: DecodedRecord['type'], properties = {}) => ({ type, properties }) as DecodedRecord;

describe('addRemarkOfQuery', () => {
  it.each([
    ['project=a&remark=beta', 'beta'],
    ['remark=%E6%B5%8B%E8%AF%95', '测试'],
    ['remark=', undefined],
    ['bookmark=x&data=remark', undefined],
    ['', undefined],
  ])('of %s is %s', (query, expected) => {
    const output = { ...emptyOutput(), records: [aRecord('track')] };
    expect(addRemarkOfQuery(output, query).records[0]?.properties['$remark']).toBe(expected);
  });

  it('tags events only, and leaves a tag of their own', () => {
    const records = [aRecord('profile_set'), aRecord('identify'), aRecord('track', { $remark: 'own' })];
    addRemarkOfQuery({ ...emptyOutput(), records }, 'remark=beta');
    expect(records.map(({ properties }) => properties)).toEqual([
      {},
      { $remark: 'beta' },
      { $remark: 'own' },
    ]);
  });
});
