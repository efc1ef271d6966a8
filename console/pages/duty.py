"""/duty: who is on duty now, until when, and who acts for whom."""

from console.web.page import Context, Page
from console.web.view import View

PAGE = Page(
    "/duty", "现在值班", "duty.html", scopes=("emergency:read", "office:read"), group="值班", refresh=60
)


@PAGE.show
async def show(view: View) -> Context:
    duty, coming, posts, leaders = await view.all(
        "/emergency/v1/duty/now",
        "/emergency/v1/duty-shifts/lacking",
        "/emergency/v1/headquarters-posts/acting",
        "/office/v1/in-charge/posts",
    )
    return {"duty": duty, "gaps": coming, "posts": posts, "leaders": leaders}
