"""Access to the parts of a syntax tree, typed."""

from typing import TypeAlias

from lark import Token, Tree

Syntax: TypeAlias = Tree[Token]


def children_of(tree: Syntax) -> list[Syntax]:
    """The subtrees of ``tree``, without its tokens."""
    return [child for child in tree.children if isinstance(child, Tree)]


def child_of(tree: Syntax, index: int) -> Syntax:
    """The child at ``index``, which the grammar makes a subtree."""
    child = tree.children[index]
    if not isinstance(child, Tree):
        raise TypeError(tree.data)
    return child


def token_of(tree: Syntax, index: int) -> Token:
    """The child at ``index``, which the grammar makes a token."""
    token = tree.children[index]
    if not isinstance(token, Token):
        raise TypeError(tree.data)
    return token
