import { News, type NewsMessage, Topic } from './news.js';

const NUMBER_CHANGED = new Topic<number>('number');
const OTHER = new Topic<null>('other');

/** Two ends, as those of two threads are. */
function connected(): [News, News] {
  const [one, other] = [new News(), new News()];
  one.connect((message) => other.hear(structuredClone(message)));
  other.connect((message) => one.hear(structuredClone(message)));
  return [one, other];
}

describe('news', () => {
  it('are heard in the own thread before the call returns, and in the other one', () => {
    const [one, other] = connected();
    const heard: string[] = [];
    one.on(NUMBER_CHANGED, (n) => heard.push(`one ${n}`));
    other.on(NUMBER_CHANGED, (n) => heard.push(`other ${n}`));
    one.tell(NUMBER_CHANGED, 1);
    other.tell(NUMBER_CHANGED, 2);
    expect(heard).toEqual(['one 1', 'other 1', 'other 2', 'one 2']);
  });

  it('are heard by who listens to their topic, all of them', () => {
    const news = new News();
    const heard: number[] = [];
    news.on(NUMBER_CHANGED, (n) => heard.push(n));
    news.on(NUMBER_CHANGED, (n) => heard.push(n * 10));
    news.tell(OTHER, null);
    news.tell(NUMBER_CHANGED, 3);
    expect(heard).toEqual([3, 30]);
  });

  it('are not sent back by who heard them', () => {
    const news = new News();
    const sent: NewsMessage[] = [];
    news.connect((message) => sent.push(message));
    news.hear({ topic: 'number', item: 4 });
    expect(sent).toEqual([]);
  });
});
