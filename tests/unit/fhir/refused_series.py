"""What is refused of a series; its samples no server reads, so nobody else would notice.

Each row: what is wrong, the resource, the rule that says so, and the place below the resource.
"""

from tests.unit.fhir.spoiled import changed_value
from tests.unit.fhir.valid_examples import heart_rate_series, irregular_series

REFUSED = [
    (
        "interval and offsets",
        changed_value(irregular_series(), "valueSampledData", interval=60),
        "sdd-1",
        "valueSampledData",
    ),
    (
        "neither interval nor offsets",
        changed_value(heart_rate_series(), "valueSampledData", interval=None),
        "sdd-1",
        "valueSampledData",
    ),
    (
        "interval in msec",
        changed_value(heart_rate_series(), "valueSampledData", intervalUnit="msec"),
        "binding",
        "valueSampledData.intervalUnit",
    ),
    (
        "no dimensions",
        changed_value(heart_rate_series(), "valueSampledData", dimensions=None),
        "required",
        "valueSampledData.dimensions",
    ),
    *(
        (
            f"samples {data!r}",
            changed_value(heart_rate_series(), "valueSampledData", data=data, dimensions=size),
            "sampled-data",
            "valueSampledData",
        )
        for data, size in [
            ("61 X", 1),
            ("61,5 62", 1),
            ("61  62", 1),
            (" 61", 1),
            ("61 ", 1),
            ("NaN", 1),
            ("1e", 1),
            ("e", 1),
            ("61 62 63", 2),
        ]
    ),
    *(
        (
            f"offsets {offsets!r}",
            changed_value(irregular_series(), "valueSampledData", offsets=offsets),
            "sampled-data",
            "valueSampledData",
        )
        for offsets in ["0 5 20", "0 5 20 65 80", "0 5 E 65", "0,5,20,65"]
    ),
]
