/**
 * Functions that the SQL of a segment may call, without regard to case: each computes from its arguments alone, and none
 * reads files, tables, dictionaries, settings or the clock, waits, or makes values without bound.
 */
const PLAIN = `
  and or xor not equals notEquals less greater lessOrEquals greaterOrEquals in notIn like notLike ilike notIlike match
  isNull isNotNull isNullable ifNull nullIf coalesce assumeNotNull toNullable if multiIf caseWithExpression exists
  isNotDistinctFrom isDistinctFrom greatest least transform
  plus minus multiply divide intDiv intDivOrZero modulo moduloOrZero positiveModulo negate abs sign round floor ceil ceiling
  trunc truncate sqrt cbrt exp log log2 log10 pow power isNaN isFinite isInfinite bitAnd bitOr bitXor bitShiftLeft
  bitShiftRight roundDown widthBucket
  cast _cast toInt8 toInt16 toInt32 toInt64 toUInt8 toUInt16 toUInt32 toUInt64 toFloat32 toFloat64 toString toBool toDate
  toDate32 toDateTime toDateTime64 toTypeName toLowCardinality accurateCast accurateCastOrNull toInt64OrNull toInt64OrZero
  toInt32OrNull toInt32OrZero toUInt64OrNull toUInt64OrZero toUInt32OrNull toUInt32OrZero toFloat64OrNull toFloat64OrZero
  toDateOrNull toDateTimeOrNull toDateTime64OrNull parseDateTimeBestEffortOrNull parseDateTime64BestEffortOrNull
  dynamicElement dynamicType variantElement variantType
  toYear toQuarter toMonth toWeek toISOWeek toISOYear toDayOfYear toDayOfMonth toDayOfWeek toHour toMinute toSecond
  toStartOfYear toStartOfQuarter toStartOfMonth toStartOfWeek toMonday toStartOfDay toStartOfHour toStartOfMinute
  toStartOfFiveMinutes toStartOfFifteenMinutes toStartOfInterval toYYYYMM toYYYYMMDD toUnixTimestamp toUnixTimestamp64Milli
  fromUnixTimestamp fromUnixTimestamp64Milli toTimeZone timeZoneOffset dateDiff date_diff dateAdd date_add dateSub date_sub
  dateTrunc date_trunc addYears addQuarters addMonths addWeeks addDays addHours addMinutes addSeconds subtractYears
  subtractMonths subtractWeeks subtractDays subtractHours subtractMinutes subtractSeconds toIntervalYear toIntervalQuarter
  toIntervalMonth toIntervalWeek toIntervalDay toIntervalHour toIntervalMinute toIntervalSecond formatDateTime
  toLastDayOfMonth age
  length lengthUTF8 empty notEmpty lower upper lowerUTF8 upperUTF8 concat concat_ws substring substr substringUTF8 left right
  leftUTF8 rightUTF8 trim trimLeft trimRight trimBoth ltrim rtrim startsWith endsWith position positionCaseInsensitive
  positionUTF8 locate replace replaceOne replaceAll replaceRegexpOne replaceRegexpAll extract reverse reverseUTF8
  splitByChar splitByString domain domainWithoutWWW topLevelDomain path protocol extractURLParameter cutQueryString
  damerauLevenshteinDistance levenshteinDistance
  JSONHas JSONLength JSONExtractString JSONExtractInt JSONExtractUInt JSONExtractFloat JSONExtractBool toJSONString
  JSONAllPaths getSubcolumn
  array arrayElement has hasAny hasAll indexOf arrayJoin arrayMap arrayFilter arrayExists arrayAll arrayCount arraySum
  arrayAvg arrayMin arrayMax arraySort arrayReverseSort arrayReverse arrayDistinct arrayUniq arrayConcat arraySlice
  arrayFirst arrayLast arrayFirstIndex arrayLastIndex arrayEnumerate arrayCompact arrayDifference arrayCumSum arrayIntersect
  arrayZip arrayPushBack arrayPushFront arrayPopBack arrayPopFront arrayStringConcat
  tuple tupleElement map mapKeys mapValues mapContains lambda
  cityHash64 sipHash64 halfMD5 xxHash64 farmHash64
  rowNumber row_number rank dense_rank denseRank percent_rank percentRank cume_dist ntile lag lead lagInFrame leadInFrame first_value
  last_value nth_value`;

const AGGREGATES = `
  count sum sumWithOverflow avg avgWeighted min max any anyLast anyHeavy argMin argMax first_value last_value uniq uniqExact uniqCombined
  uniqCombined64 uniqHLL12 quantile quantileExact quantiles quantilesExact quantileTDigest median stddevPop stddevSamp varPop
  varSamp corr covarPop covarSamp groupArray groupUniqArray groupBitAnd groupBitOr groupBitXor topK windowFunnel retention
  sequenceMatch sequenceCount sequenceNextNode simpleLinearRegression skewPop kurtPop entropy boundingRatio deltaSum
  deltaSumTimestamp sumMap minMap maxMap`;

const COMBINATORS = /(if|distinct|ornull|ordefault|array)$/;

const toNames = (text: string) => new Set(text.toLowerCase().trim().split(/\s+/));
const PLAIN_NAMES = toNames(PLAIN);
const AGGREGATE_NAMES = toNames(AGGREGATES);

export function isAllowedFunction(name: string): boolean {
  let base = name.toLowerCase();
  if (PLAIN_NAMES.has(base)) return true;
  while (!AGGREGATE_NAMES.has(base)) {
    const shorter = base.replace(COMBINATORS, '');
    if (shorter === base) return false;
    base = shorter;
  }
  return true;
}
