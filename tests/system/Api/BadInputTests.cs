using System.Net;
using System.Text;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Api;

/// <summary>What is malformed is refused by name, with a code and the cure, and nothing is created.</summary>
public sealed class BadInputTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    [Theory]
    [InlineData("", "empty")]
    [InlineData("null", "null")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{", "not a JSON object")]
    [InlineData("{\"request\":\"x\",\"prioriti\":\"high\"}", "'prioriti' is unknown")]
    [InlineData("{\"request\":\"x\",\"request\":\"y\"}", "'request' is there twice")]
    [InlineData("{\"request\":5}", "$.request")]
    [InlineData("{\"request\":\"\\ud800\"}", "$.request")]
    [InlineData("{}", "request is empty")]
    [InlineData("{\"request\":\"  \"}", "request is empty")]
    [InlineData("{\"request\":\"x\",\"id\":\"../../x\"}", "../../x")]
    [InlineData("{\"request\":\"x\",\"id\":\"CON\"}", "CON")]
    [InlineData("{\"request\":\"x\",\"type\":\"fixx\"}", "fixx")]
    [InlineData("{\"request\":\"x\",\"timeout_sec\":0}", "timeout_sec")]
    [InlineData("{\"request\":\"x\",\"target_files\":[\"../y\"]}", "target_files")]
    [InlineData("{\"request\":\"x\",\"target_files\":[null]}", "target_files")]
    public async Task A_submission_that_cannot_be_read_is_refused_by_name(string body, string word)
    {
        using var http = shared.Http(shared.Discovery.Token);
        var before = (await shared.Client.ListAsync(max: 1_000)).Tasks.Count;

        using var response = await SharedSilo.SendAsync(
            http,
            "POST",
            "v1/tasks",
            Encoding.UTF8.GetBytes(body)
        );

        var problem = await ProblemAsync(response, HttpStatusCode.BadRequest);
        Assert.Equal(FailureCodes.InvalidRequest, problem.Code);
        Assert.Contains(word, problem.Detail, StringComparison.Ordinal);
        Assert.Equal(before, (await shared.Client.ListAsync(max: 1_000)).Tasks.Count);
    }

    [Fact]
    public async Task A_body_of_another_type_an_invalid_encoding_and_a_body_too_large_are_told_apart()
    {
        using var http = shared.Http(shared.Discovery.Token);

        using var text = await SharedSilo.SendAsync(
            http,
            "POST",
            "v1/tasks",
            [.. "{\"request\":\"x\"}"u8],
            "text/plain"
        );
        using var encoding = await SharedSilo.SendAsync(
            http,
            "POST",
            "v1/tasks",
            [.. "{\"request\":\""u8, 0xff, 0xfe, .. "\"}"u8]
        );
        using var large = await SharedSilo.SendAsync(
            http,
            "POST",
            "v1/tasks",
            [.. "{\"request\":\""u8, .. new byte[3_000_000], .. "\"}"u8]
        );

        await ProblemAsync(text, HttpStatusCode.UnsupportedMediaType);
        await ProblemAsync(encoding, HttpStatusCode.BadRequest);
        await ProblemAsync(large, HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task A_request_of_200000_characters_is_kept_verbatim_and_one_more_is_refused()
    {
        var words = string.Concat(Enumerable.Repeat("Größe \"x\"\n", 20_000));
        Assert.Equal(200_000, words.Length);
        var request = SiloProcess.Scripted("""{"do":"say","text":"read"}""", type: "analyze");

        var task = await shared.Client.SubmitAsync(request with { Request = words });
        var refused = await Assert.ThrowsAsync<OrchestratorException>(() =>
            shared.Client.SubmitAsync(request with { Request = words + "x" })
        );

        Assert.Equal(words, (await task.GetAsync()).Request);
        Assert.Equal((FailureCodes.InvalidRequest, 2), (refused.Failure!.Code, refused.ExitCode));
        Assert.Contains("200001", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "v1/tasks?max=abc", 400, "abc")]
    [InlineData("GET", "v1/tasks?max=0", 400, "1 to 1000")]
    [InlineData("GET", "v1/tasks?phase=dome", 400, "awaiting_approval")]
    [InlineData("GET", "v1/tasks?phase=7", 400, "phase '7'")]
    [InlineData("GET", "v1/tasks?after=yesterday", 400, "no cursor")]
    [InlineData("GET", "v1/tasks/nobody", 404, "nobody")]
    [InlineData("GET", "v1/tasks/..%2f..%2fx", 404, "no task")]
    [InlineData("GET", "v1/tasks/nobody/facts", 404, "nobody")]
    [InlineData("GET", "v1/tasks/nobody/events", 404, "nobody")]
    [InlineData("GET", "v1/tasks/nobody/diff", 404, "nobody")]
    [InlineData("GET", "v1/tasks/_system/facts?after=-1", 400, "after '-1'")]
    [InlineData("GET", "v1/events?after=x", 400, "after 'x'")]
    [InlineData("POST", "v1/tasks/nobody/cancel", 404, "nobody")]
    [InlineData("POST", "v1/tasks/nobody/commit", 404, "nobody")]
    [InlineData("DELETE", "v1/tokens/nobody", 404, "nobody")]
    [InlineData("GET", "v1/repository", 400, "path is missing")]
    [InlineData("GET", "v1/repository?path=relative", 400, "relative")]
    [InlineData("GET", "v1/nothing", 404, "/v1/openapi.json")]
    [InlineData("PUT", "v1/tasks", 405, "GET, POST")]
    [InlineData("OPTIONS", "v1/tasks", 405, "GET, POST")]
    public async Task What_cannot_be_found_or_read_is_answered_with_a_problem(
        string method,
        string path,
        int status,
        string word
    )
    {
        using var http = shared.Http(shared.Discovery.Token);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await http.SendAsync(request);

        var problem = await ProblemAsync(response, (HttpStatusCode)status);
        Assert.Contains(word, problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HEAD", "health/live")]
    [InlineData("HEAD", "health/ready")]
    [InlineData("GET", "health/live")]
    [InlineData("GET", "health/ready")]
    [InlineData("GET", "")]
    public async Task Health_and_root_need_no_token(string method, string path)
    {
        using var http = shared.Http(null);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(method == "HEAD", (await response.Content.ReadAsByteArrayAsync()).Length == 0);
    }

    [Fact]
    public async Task A_chunked_body_of_a_cancel_is_read_and_its_unknown_key_refused()
    {
        using var http = shared.Http(shared.Discovery.Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/tasks/nobody/cancel")
        {
            Content = new StringContent("{\"raison\":\"x\"}", Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = true;

        using var response = await http.SendAsync(request);

        Assert.Contains(
            "raison",
            (await ProblemAsync(response, HttpStatusCode.BadRequest)).Detail,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_same_key_with_another_content_is_a_conflict_and_another_requester_has_keys_of_his_own()
    {
        var request = SiloProcess.Scripted("""{"do":"say","text":"one"}""", type: "analyze");
        var mine = await shared.Client.SubmitAsync(request, "a-key");

        var refused = await Assert.ThrowsAsync<OrchestratorException>(() =>
            shared.Client.SubmitAsync(request with { Request = "Something else" }, "a-key")
        );
        var tooLong = await Assert.ThrowsAsync<OrchestratorException>(() =>
            shared.Client.SubmitAsync(request, new string('k', 201))
        );
        var token = await shared.Client.CreateTokenAsync(
            new TokenRequest { Name = "other", Scopes = ["submit", "read"] }
        );
        using var other = new OrchestratorClient(shared.Discovery.Address, token.Secret!);
        var his = await other.SubmitAsync(request, "a-key");

        Assert.Equal(FailureCodes.Conflict, refused.Failure!.Code);
        Assert.Equal(FailureCodes.InvalidRequest, tooLong.Failure!.Code);
        Assert.NotEqual(mine.TaskId, his.TaskId);
        Assert.False(his.AlreadyThere);
    }

    [Fact]
    public async Task A_repeated_key_makes_no_second_token()
    {
        using var http = shared.Http(shared.Discovery.Token);
        byte[] body = [.. "{\"name\":\"once\",\"scopes\":[\"read\"]}"u8];

        using var first = await SharedSilo.SendAsync(http, "POST", "v1/tokens", body, key: "once");
        using var second = await SharedSilo.SendAsync(http, "POST", "v1/tokens", body, key: "once");

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        var problem = await ProblemAsync(second, HttpStatusCode.Conflict);
        Assert.Contains("tok_", problem.Detail, StringComparison.Ordinal);
        Assert.Single((await shared.Client.ListTokensAsync()).Tokens, t => t.Name == "once");
    }

    [Fact]
    public async Task Pages_walk_over_every_task_once_and_a_stream_resumes_after_its_last_id()
    {
        var request = SiloProcess.Scripted("""{"do":"say","text":"x"}""", type: "analyze");
        var made = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            made.Add((await shared.Client.SubmitAsync(request)).TaskId);
        }

        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await shared.Client.ListAsync(after: after, max: 2);
            Assert.True(page.Tasks.Count <= 2);
            seen.AddRange(page.Tasks.Select(t => t.TaskId));
            after = page.Next;
        } while (after is not null);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        JournalEntry? resumed = null;
        await foreach (var entry in shared.Client.WatchAsync(made[0], 2, limit.Token))
        {
            resumed = entry;
            break;
        }

        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Superset(made.ToHashSet(), seen.ToHashSet());
        Assert.Equal(3, resumed!.Sequence);
    }

    private static async Task<Problem> ProblemAsync(
        HttpResponseMessage response,
        HttpStatusCode status
    )
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(
            response.Content.Headers.ContentType?.MediaType == "application/problem+json",
            $"{(int)response.StatusCode} {text}"
        );
        Assert.Equal(status, response.StatusCode);
        return JsonSerializer.Deserialize(text, GrainInterfaces.OrchestratorJson.Default.Problem)!;
    }
}
