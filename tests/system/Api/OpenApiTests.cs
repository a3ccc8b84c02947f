using System.Text.Json;
using Xunit;

namespace Orchestrator.SystemTests.Api;

public sealed class OpenApiTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    [Fact]
    public async Task The_document_in_the_tree_is_the_one_that_is_served()
    {
        using var http = shared.Http(null);

        var served = await http.GetStringAsync(new Uri("v1/openapi.json", UriKind.Relative));

        Assert.True(
            served == await File.ReadAllTextAsync(InTree()),
            "schemas/openapi.json is not what the silo serves. Make it again: dotnet run --project silo -- openapi > schemas/openapi.json, and review the difference."
        );
    }

    [Fact]
    public async Task Every_operation_has_a_summary_a_typed_answer_its_refusals_and_a_scheme()
    {
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(InTree()));
        var wrong = new List<string>();
        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var name = $"{operation.Name} {path.Name}";
                var responses = operation.Value.GetProperty("responses");
                if (operation.Value.GetProperty("summary").GetString() is not { Length: > 5 })
                {
                    wrong.Add(name + " has no summary");
                }
                foreach (var response in responses.EnumerateObject())
                {
                    if (
                        response.Name is not "204"
                        && !response.Value.TryGetProperty("content", out _)
                    )
                    {
                        wrong.Add($"{name} {response.Name} has no content");
                    }
                    if (
                        response.Name[0] is '4' or '5'
                        && response.Value.GetProperty("description").GetString()
                            is not { Length: > 5 }
                    )
                    {
                        wrong.Add($"{name} {response.Name} names no code");
                    }
                }
                if (operation.Value.TryGetProperty("x-scope", out _))
                {
                    foreach (var status in (string[])["400", "401", "403", "503"])
                    {
                        if (!responses.TryGetProperty(status, out _))
                        {
                            wrong.Add($"{name} does not tell {status}");
                        }
                    }
                    if (!operation.Value.TryGetProperty("security", out _))
                    {
                        wrong.Add(name + " has no security");
                    }
                }
                if (operation.Name == "post" && path.Name is not "/v1/stop")
                {
                    if (!operation.Value.TryGetProperty("requestBody", out _))
                    {
                        wrong.Add(name + " has no body");
                    }
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task The_schemas_have_the_names_that_are_on_the_wire()
    {
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(InTree()));
        var schemas = document.RootElement.GetProperty("components").GetProperty("schemas");

        var submit = schemas.GetProperty("SubmitRequest").GetProperty("properties");
        var phases = schemas.GetProperty("TaskPhase").GetProperty("enum");

        Assert.True(submit.TryGetProperty("base_branch", out _));
        Assert.Contains("awaiting_approval", phases.EnumerateArray().Select(p => p.GetString()));
    }

    private static string InTree()
    {
        for (
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            folder is not null;
            folder = folder.Parent
        )
        {
            var file = Path.Combine(folder.FullName, "schemas", "openapi.json");
            if (File.Exists(file))
            {
                return file;
            }
        }
        throw new FileNotFoundException("schemas/openapi.json is not in the tree.");
    }
}
