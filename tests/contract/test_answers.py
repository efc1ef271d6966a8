"""What every operation may answer: errors with their headers, media types, and what a change needs."""

from collections.abc import Iterator

from tests.contract.documents import PROBLEM, answer_of, every, in_each_document, operations, secured

#: What OAuth 2.0 itself says of errors, in its own words.
OF_RFC_6749 = {("/auth/v1/token", "400"), ("/auth/v1/token", "401")}


@in_each_document
def test_every_error_answer_is_a_problem(name):
    every(
        name,
        (
            f"{method} {path}: {status}"
            for method, path, operation in operations(name)
            for status, answer in operation["responses"].items()
            if int(status) >= 400
            and (path, status) not in OF_RFC_6749
            and list(answer_of(name, answer)["content"]) != [PROBLEM]
        ),
    )


@in_each_document
def test_401_403_and_422_are_listed_where_they_may_come(name):
    def missing() -> Iterator[str]:
        for method, path, operation in operations(name):
            wanted = {"401", "403"} if secured(operation) else {"401"} if operation["security"] else set()
            if operation["security"] and ("requestBody" in operation or operation.get("parameters")):
                wanted.add("422")
            for status in sorted(wanted - operation["responses"].keys()):
                yield f"{method} {path}: {status}"

    every(name, missing())


@in_each_document
def test_every_answer_has_its_own_media_type_and_says_what_it_is(name):
    def wrong() -> Iterator[str]:
        for method, path, operation in operations(name):
            for status, answer in operation["responses"].items():
                for kind, media in answer_of(name, answer).get("content", {}).items():
                    if kind == "application/octet-stream" or not media.get("schema"):
                        yield f"{method} {path} {status}: {kind}"
            formats = [each for each in operation.get("parameters", []) if each["name"] == "format"]
            if formats and len(operation["responses"]["200"]["content"]) != len(formats[0]["schema"]["enum"]):
                yield f"{method} {path}: not every format has its media type"

    every(name, wrong())


@in_each_document
def test_errors_that_any_operation_may_answer_are_listed_with_their_headers(name):
    def wrong() -> Iterator[str]:
        for method, path, operation in operations(name):
            answers = {status: answer_of(name, each) for status, each in operation["responses"].items()}
            yield from (f"{method} {path}: {status}" for status in ("400", "503") if status not in answers)
            yield from (
                f"{method} {path} {status}: no X-Request-ID"
                for status, answer in answers.items()
                if "X-Request-ID" not in answer.get("headers", {})
            )
            if "Retry-After" not in answers["503"]["headers"]:
                yield f"{method} {path}: no Retry-After"

    every(name, wrong())


@in_each_document
def test_if_match_is_required_where_a_change_without_it_is_428(name):
    def wrong() -> Iterator[str]:
        for method, path, operation in operations(name):
            asked = [each for each in operation.get("parameters", []) if each["name"] == "If-Match"]
            if ("428" in operation["responses"]) != bool(asked) or not all(
                each["required"] for each in asked
            ):
                yield f"{method} {path}"

    every(name, wrong())
