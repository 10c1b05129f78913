/** Something large that is made when it is first needed, which in some threads and processes is never. */
export class Lazy<T> {
  private made: { value: T } | null = null;

  constructor(private readonly make: () => T) {}

  get value(): T {
    this.made ??= { value: this.make() };
    return this.made.value;
  }
}
