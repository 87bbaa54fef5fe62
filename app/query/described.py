"""Models whose fields are described by the docstrings under them."""

import ast
import sys
from functools import cache
from inspect import cleandoc, getsource
from itertools import pairwise

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Described(BaseModel):
    """Built when it is first used, described when its schema is first asked for.

    A start needs few of them, and a load no descriptions: pydantic's `use_attribute_docstrings`
    would look each class up in its source.
    """

    model_config = ConfigDict(defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        said: dict[str, str] = {}
        for kind in reversed(cls.__mro__):
            if issubclass(kind, Described):
                said |= _docstrings(kind.__module__).get(kind.__name__, {})
        for name, field in cls.model_fields.items():
            if field.description is None and name in said:
                properties[field.alias or name]["description"] = said[name]
        return schema


@cache
def _docstrings(module: str) -> dict[str, dict[str, str]]:
    """What stands under each field of each class of a module."""
    classes = ast.parse(getsource(sys.modules[module])).body
    return {one.name: _under(one) for one in classes if isinstance(one, ast.ClassDef)}


def _under(one: ast.ClassDef) -> dict[str, str]:
    found = {}
    for field, below in pairwise(one.body):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = cleandoc(text)
    return found
