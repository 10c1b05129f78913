SELECT person,
  CAST([
    arrayCount(x -> bitAnd(x, 4095) <= 0, arrayCompact(x -> bitShiftRight(x, 12), a1)),
    length(arrayCompact(x -> bitShiftRight(x, 12), a1)),
    arrayCount(x -> bitAnd(x, 4095) <= 0, arrayCompact(x -> bitShiftRight(x, 12), a2)),
    length(arrayCompact(x -> bitShiftRight(x, 12), a2)),
    arrayCount(x -> bitAnd(x, 4095) <= 0, arrayCompact(x -> bitShiftRight(x, 12), a3)),
    length(arrayCompact(x -> bitShiftRight(x, 12), a3)),
    arrayCount(x -> bitAnd(x, 4095) <= 0, arrayCompact(x -> bitShiftRight(x, 12), a4)),
    length(arrayCompact(x -> bitShiftRight(x, 12), a4)),
    arrayCount(x -> bitAnd(x, 4095) <= 0, arrayCompact(x -> bitShiftRight(x, 12), a5)),
    length(arrayCompact(x -> bitShiftRight(x, 12), a5))
  ], 'Array(Nullable(Float64))') AS values
FROM (
  SELECT person,
    arraySort(groupArrayIf(bitOr(bitShiftLeft(if(isNull({p3:Identifier}), 0, if(isNull(dynamicElement({p3:Identifier}, 'String')), if(isNull(dynamicElement({p3:Identifier}, 'Float64')), ifNull(bitNot(cityHash64(dynamicElement({p3:Identifier}, 'Bool'))), 0), cityHash64(assumeNotNull(dynamicElement({p3:Identifier}, 'Float64')))), cityHash64(assumeNotNull(dynamicElement({p3:Identifier}, 'String'))))), 12), (time < {p4:DateTime64(3, 'UTC')})), event NOT IN {p2:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')} AND if(isNull({p3:Identifier}), 0, if(isNull(dynamicElement({p3:Identifier}, 'String')), if(isNull(dynamicElement({p3:Identifier}, 'Float64')), ifNull(bitNot(cityHash64(dynamicElement({p3:Identifier}, 'Bool'))), 0), cityHash64(assumeNotNull(dynamicElement({p3:Identifier}, 'Float64')))), cityHash64(assumeNotNull(dynamicElement({p3:Identifier}, 'String'))))) != 0)) AS a1,
    arraySort(groupArrayIf(bitOr(bitShiftLeft(if(isNull({p6:Identifier}), 0, if(isNull(dynamicElement({p6:Identifier}, 'String')), if(isNull(dynamicElement({p6:Identifier}, 'Float64')), ifNull(bitNot(cityHash64(dynamicElement({p6:Identifier}, 'Bool'))), 0), cityHash64(assumeNotNull(dynamicElement({p6:Identifier}, 'Float64')))), cityHash64(assumeNotNull(dynamicElement({p6:Identifier}, 'String'))))), 12), (time < {p4:DateTime64(3, 'UTC')})), event NOT IN {p2:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')} AND if(isNull({p6:Identifier}), 0, if(isNull(dynamicElement({p6:Identifier}, 'String')), if(isNull(dynamicElement({p6:Identifier}, 'Float64')), ifNull(bitNot(cityHash64(dynamicElement({p6:Identifier}, 'Bool'))), 0), cityHash64(assumeNotNull(dynamicElement({p6:Identifier}, 'Float64')))), cityHash64(assumeNotNull(dynamicElement({p6:Identifier}, 'String'))))) != 0)) AS a2,
    arraySort(groupArrayIf(bitOr(bitShiftLeft(if(isNull({p7:Identifier}), 0, if(isNull(dynamicElement({p7:Identifier}, 'String')), if(isNull(dynamicElement({p7:Identifier}, 'Float64')), ifNull(bitNot(cityHash64(dynamicElement({p7:Identifier}, 'Bool'))), 0), cityHash64(assumeNotNull(dynamicElement({p7:Identifier}, 'Float64')))), cityHash64(assumeNotNull(dynamicElement({p7:Identifier}, 'String'))))), 12), (time < {p4:DateTime64(3, 'UTC')})), event NOT IN {p2:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')} AND if(isNull({p7:Identifier}), 0, if(isNull(dynamicElement({p7:Identifier}, 'String')), if(isNull(dynamicElement({p7:Identifier}, 'Float64')), ifNull(bitNot(cityHash64(dynamicElement({p7:Identifier}, 'Bool'))), 0), cityHash64(assumeNotNull(dynamicElement({p7:Identifier}, 'Float64')))), cityHash64(assumeNotNull(dynamicElement({p7:Identifier}, 'String'))))) != 0)) AS a3,
    arraySort(groupArrayIf(bitOr(bitShiftLeft(if(isNull({p8:Identifier}), 0, if(isNull(dynamicElement({p8:Identifier}, 'String')), if(isNull(dynamicElement({p8:Identifier}, 'Float64')), ifNull(bitNot(cityHash64(dynamicElement({p8:Identifier}, 'Bool'))), 0), cityHash64(assumeNotNull(dynamicElement({p8:Identifier}, 'Float64')))), cityHash64(assumeNotNull(dynamicElement({p8:Identifier}, 'String'))))), 12), (time < {p4:DateTime64(3, 'UTC')})), event NOT IN {p2:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')} AND if(isNull({p8:Identifier}), 0, if(isNull(dynamicElement({p8:Identifier}, 'String')), if(isNull(dynamicElement({p8:Identifier}, 'Float64')), ifNull(bitNot(cityHash64(dynamicElement({p8:Identifier}, 'Bool'))), 0), cityHash64(assumeNotNull(dynamicElement({p8:Identifier}, 'Float64')))), cityHash64(assumeNotNull(dynamicElement({p8:Identifier}, 'String'))))) != 0)) AS a4,
    arraySort(groupArrayIf(bitOr(bitShiftLeft(if(isNull({p9:Identifier}), 0, if(isNull(dynamicElement({p9:Identifier}, 'String')), if(isNull(dynamicElement({p9:Identifier}, 'Float64')), ifNull(bitNot(cityHash64(dynamicElement({p9:Identifier}, 'Bool'))), 0), cityHash64(assumeNotNull(dynamicElement({p9:Identifier}, 'Float64')))), cityHash64(assumeNotNull(dynamicElement({p9:Identifier}, 'String'))))), 12), (time < {p4:DateTime64(3, 'UTC')})), event NOT IN {p2:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')} AND if(isNull({p9:Identifier}), 0, if(isNull(dynamicElement({p9:Identifier}, 'String')), if(isNull(dynamicElement({p9:Identifier}, 'Float64')), ifNull(bitNot(cityHash64(dynamicElement({p9:Identifier}, 'Bool'))), 0), cityHash64(assumeNotNull(dynamicElement({p9:Identifier}, 'Float64')))), cityHash64(assumeNotNull(dynamicElement({p9:Identifier}, 'String'))))) != 0)) AS a5
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time < {p10:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event NOT IN {p2:Array(String)}) > 0
) AS activity

-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "properties.$device_id"
-- p4 = "2026-02-08 12:00:00.000"
-- p5 = "2025-12-10 12:00:00.000"
-- p6 = "properties.$os"
-- p7 = "properties.$browser"
-- p8 = "properties.$city"
-- p9 = "properties.$utm_source"
-- p10 = "2026-03-10 12:00:00.000"
