using System.CommandLine;
using System.Globalization;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;

namespace Orchestrator.Cli;

/// <summary>Verbs about tokens.</summary>
internal static class TokenCommands
{
    /// <summary>The verb with its sub-verbs.</summary>
    public static Command Make()
    {
        var token = new Command("token", "Create, list and revoke tokens.");
        token.Add(Create());
        token.Add(List());
        token.Add(Revoke());
        return token;
    }

    private static Command Create()
    {
        var name = new Argument<string>("name")
        {
            Description = "Who: the requester of what it submits.",
        };
        var scopes = new Option<string[]>("--scope")
        {
            Description = "read, submit, operate, audit, admin.",
            DefaultValueFactory = _ => ["read", "submit"],
            AllowMultipleArgumentsPerToken = true,
        };
        var days = new Option<int?>("--days")
        {
            Description = "Days until it ends; default never.",
        };
        var expires = new Option<string?>("--expires")
        {
            Description = "How long it is good for: 90s, 45m, 12h, 30d; default for ever.",
        };
        var key = new Option<string?>("--idempotency-key")
        {
            Description = "The same key makes no second token.",
        };
        var command = new Command("create", "Create a token; its secret is shown once.")
        {
            name,
            scopes,
            days,
            expires,
            key,
        };
        command.SetAction(
            async (p, cancel) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                var request = new TokenRequest
                {
                    Name = p.GetValue(name)!,
                    Scopes = p.GetValue(scopes)!,
                    Days = p.GetValue(days),
                    Seconds = Span(p.GetValue(expires)),
                };
                CommandLine
                    .Out(p)
                    .Answer(
                        await client.CreateTokenAsync(request, p.GetValue(key), cancel),
                        OrchestratorJson.Default.TokenInfo,
                        t =>
                        {
                            Output.Line(t.Secret ?? "");
                            Console.Error.WriteLine(
                                $"Token {t.Id} for {t.Name} ({string.Join(", ", t.Scopes)}), {End(t)}. It is shown this once."
                            );
                        }
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "List tokens.");
        command.SetAction(
            async (p, cancel) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                CommandLine
                    .Out(p)
                    .Answer(
                        await client.ListTokensAsync(cancel),
                        OrchestratorJson.Default.TokenList,
                        l =>
                        {
                            foreach (var t in l.Tokens)
                            {
                                Output.Line(
                                    $"{t.Id}  {t.Name, -20}  {string.Join(',', t.Scopes), -30}  {State(t)}"
                                );
                            }
                        }
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static string State(TokenInfo token) =>
        token.RevokedAt is { } at ? $"revoked {at:u}"
        : token.ExpiresAt <= TimeProvider.System.GetUtcNow() ? $"ended {token.ExpiresAt:u}"
        : "valid, " + End(token);

    private static string End(TokenInfo token) =>
        token.ExpiresAt is { } at ? $"ends {at:u}" : "never ends";

    private static long? Span(string? text)
    {
        if (text is null)
        {
            return null;
        }
        var unit = text.Length > 0 ? char.ToLowerInvariant(text[^1]) : ' ';
        var seconds = unit switch
        {
            's' => 1L,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => 0,
        };
        return
            seconds > 0
            && int.TryParse(
                text[..^1],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var count
            )
            && count > 0
            ? count * seconds
            : throw new OrchestratorException(
                new Failure(
                    FailureCodes.InvalidRequest,
                    $"--expires '{text}' is no length of time. Examples: 90s, 45m, 12h, 30d."
                ),
                ExitCodes.Usage
            );
    }

    private static Command Revoke()
    {
        var id = new Argument<string>("id") { Description = "The token's id (tok_...)." };
        var command = new Command("revoke", "Revoke a token.") { id };
        command.SetAction(
            async (p, cancel) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                var token = p.GetValue(id)!;
                await client.RevokeTokenAsync(token, cancel);
                CommandLine
                    .Out(p)
                    .Answer(
                        new Dictionary<string, string> { ["id"] = token, ["state"] = "revoked" },
                        OrchestratorJson.Default.DictionaryStringString,
                        _ => Output.Line($"{token} is revoked.")
                    );
                return ExitCodes.Done;
            }
        );
        return command;
    }
}
