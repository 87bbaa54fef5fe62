"""The query toolbox: fields and operators, parameters, pages, problems. It knows no domain."""
