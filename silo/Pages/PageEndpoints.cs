using Orchestrator.Silo.Api;

namespace Orchestrator.Silo.Pages;

/// <summary>Marks what people open in a browser.</summary>
/// <param name="Redirects">True: who is not let in is sent to /login; false: is told 401 with a link to it.</param>
internal sealed record ShownToPeople(bool Redirects);

/// <summary>The board's pages: one shell, whose scripts ask the API with the browser's cookie. No data is in it.</summary>
internal static class PageEndpoints
{
    private static readonly string[] Look = [HttpMethods.Get, HttpMethods.Head];

    private static readonly string[] Shells = ["/tasks/{id}", "/hosts", "/figures"];

    /// <summary>Maps them. They are no part of the API and not in its document.</summary>
    public static void MapPages(this WebApplication app)
    {
        app.MapMethods("/login", Look, () => Html("login.html"))
            .Is("login_page", ScopeNeeded.Open, "Where a browser shows its token.")
            .ExcludeFromDescription();
        app.MapPost("/login", (PageDoor door, HttpContext context) => door.EnterAsync(context))
            .Is("login", ScopeNeeded.Open, "Exchange a token for a cookie.")
            .ExcludeFromDescription();
        app.MapPost("/logout", PageDoor.Leave)
            .Is("logout", ScopeNeeded.Open, "Take the cookie back.")
            .ExcludeFromDescription();
        app.MapMethods("/assets/{name}", Look, PageAssets.SendAsync)
            .Is("asset", ScopeNeeded.Open, "The pages' own files.")
            .ExcludeFromDescription();
        foreach (var path in Shells)
        {
            app.MapMethods(path, Look, Shell)
                .Is("page_" + path.Split('/')[1], ScopeNeeded.Read, "A page of the board.")
                .WithMetadata(new ShownToPeople(Redirects: true))
                .ExcludeFromDescription();
        }
    }

    /// <summary>The shell.</summary>
    public static IResult Shell() => Html("shell.html");

    private static IResult Html(string name) =>
        Results.Bytes(PageAssets.Html(name), "text/html; charset=utf-8");
}
