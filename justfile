# Every check that CI holds, under the name people say.  `./playhead` makes the environment on first use.

set positional-arguments

bin := justfile_directory() / ".venv/bin"

# list the recipes
default:
    @just --list

# what must pass before a push
check: lint types layers test

# put everything into the one format, and mend what can be mended
format: _environment
    {{bin}}/ruff check --fix .
    {{bin}}/ruff format .

# rules and format, changing nothing
lint: _environment
    {{bin}}/ruff check .
    {{bin}}/ruff format --check .

# strict types
types: _environment
    {{bin}}/basedpyright

# which way imports point
layers: _environment
    {{bin}}/lint-imports

# the tests, or some: `just test tests/domain`
test *args:
    ./playhead test "$@"

# the pages that come out of the code, and the site, in site/
docs: _environment
    ./playhead docs generate
    ./playhead docs build

# the whole platform on this machine: `just up --port 8080`
up *args:
    ./playhead up "$@"

# how fast it is here: `just bench --help`
bench *args:
    ./playhead bench "$@"

_environment:
    @./playhead --help > /dev/null
