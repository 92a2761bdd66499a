"""The mapping table as a site may have changed it.

Belongs here: changed copies. Not here: how a site words its changes (`test_mapping.py`).
"""


def changed(mapping, metric, **changes):
    row = mapping.metrics[metric].model_copy(update=changes)
    return _copy(mapping, metrics=mapping.metrics | {metric: row})


def changed_panel(mapping, name, **changes):
    row = mapping.panels[name].model_copy(update=changes)
    return _copy(mapping, panels=mapping.panels | {name: row})


def _copy(mapping, **changes):
    table = mapping.model_copy(update=changes)
    # A copy brings along what was worked out for the table that it is a copy of.
    for name in ("panel_of", "digest"):
        vars(table).pop(name, None)
    return table
