using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Tickets;

/// <content>What is asked, and what the answers mean.</content>
internal sealed partial class LinearTickets
{
    private const string Person = "{ id name displayName email }";

    private const string Page =
        $"nodes {{ id body createdAt user {Person} }} pageInfo {{ hasNextPage endCursor }}";

    private const string Issue = $$"""
        query Issue($id: String!) {
          viewer { id }
          issue(id: $id) {
            id identifier title description url
            state { name type }
            team { id }
            assignee {{Person}}
            creator {{Person}}
            labels(first: 50) { nodes { name } }
            comments(first: 100) { {{Page}} }
          }
        }
        """;

    private const string Comments = $$"""
        query Comments($id: String!, $after: String) {
          viewer { id }
          issue(id: $id) { comments(first: 100, after: $after) { {{Page}} } }
        }
        """;

    private const string Changes = $$"""
        query Changes($id: String!) {
          issue(id: $id) {
            history(first: 100) { nodes { createdAt actor {{Person}} addedLabels { name } toAssignee { id } } }
          }
        }
        """;

    private const string List = """
        query List($filter: IssueFilter, $after: String) {
          issues(first: 50, after: $after, filter: $filter) {
            nodes { identifier updatedAt state { type } }
            pageInfo { hasNextPage endCursor }
          }
        }
        """;

    private const string States =
        "query States($id: String!) { team(id: $id) { states(first: 100) { nodes { id name } } } }";

    private const string Move =
        "mutation Move($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }";

    private const string Say =
        "mutation Say($input: CommentCreateInput!) { commentCreate(input: $input) { success } }";

    private const string SayAgain =
        "mutation SayAgain($id: String!, $input: CommentUpdateInput!) { commentUpdate(id: $id, input: $input) { success } }";

    private const string Link =
        "mutation Link($input: AttachmentCreateInput!) { attachmentCreate(input: $input) { success } }";

    // GraphQL answers most refusals with 200 or 400 and a list of errors.
    private async Task<JsonNode?> AskAsync(
        string query,
        JsonObject variables,
        string what,
        CancellationToken cancellationToken
    )
    {
        var answer = await wire.AskAsync(
            HttpMethod.Post,
            address,
            new JsonObject { ["query"] = query, ["variables"] = variables },
            what,
            cancellationToken
        );
        var error = TicketJson.Items(answer.Body, "errors").FirstOrDefault();
        if (error is null && answer.Status == HttpStatusCode.OK)
        {
            return TicketJson.At(answer.Body, "data");
        }
        var code = TicketJson.Text(error, "extensions", "code");
        var words = wire.Words(
            TicketJson.Text(error, "extensions", "userPresentableMessage") is { Length: > 0 } shown
                ? shown
                : TicketJson.Text(error, "message")
        );
        if (code == "RATELIMITED")
        {
            throw wire.Limited(answer.RetryAt, what);
        }
        throw (code, answer.Status) switch
        {
            ("AUTHENTICATION_ERROR", _) or (_, HttpStatusCode.Unauthorized) =>
                new TicketHostException(
                    TicketHostError.Unauthorised,
                    $"{wire.Host} does not accept the token ({what}: {words}). Set Tickets:Linear:Token to one that is valid."
                ),
            ("FORBIDDEN", _) or (_, HttpStatusCode.Forbidden) => new TicketHostException(
                TicketHostError.Forbidden,
                $"{wire.Host} forbids it ({what}: {words}). docs/tickets.md lists the rights that the token needs."
            ),
            ("ENTITY_NOT_FOUND", _) => NotFound(what, words),
            _ when words.Contains("not found", StringComparison.OrdinalIgnoreCase) => NotFound(
                what,
                words
            ),
            _ => new TicketHostException(
                TicketHostError.Refused,
                $"{wire.Host} refuses it with {(int)answer.Status} ({what}: {words})."
            ),
        };
    }

    private TicketHostException NotFound(string what, string words) =>
        new(
            TicketHostError.NotFound,
            $"{wire.Host} has none ({what}: {words}). Either it is not there, or the token may not see it."
        );
}
