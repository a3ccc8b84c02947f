using System.CommandLine;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary><c>webhooks list|replay|deliveries|resend</c>: what came from other hosts, and what was sent to them.</summary>
internal static class WebhookCommands
{
    /// <summary>The verb with its four.</summary>
    public static Command Make(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    ) =>
        new("webhooks", "What came from other hosts, and what was sent to them.")
        {
            List(finder, output),
            Replay(finder, output),
            Deliveries(finder, output),
            Resend(finder, output),
        };

    private static Command List(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var source = new Option<string?>("--source")
        {
            Description = "github, linear, jira or telegram.",
        };
        var state = new Option<string?>("--state")
        {
            Description = "waiting, processed, ignored or failed.",
        };
        var since = new Option<DateTimeOffset?>("--since")
        {
            Description = "Not older than this: 2026-05-04T03:02:01Z.",
        };
        var limit = Limit();
        var list = new Command("list", "List deliveries that came, the newest first.")
        {
            source,
            state,
            since,
            limit,
        };
        list.SetAction(
            async (p, token) =>
            {
                using var client = finder(p).Connect();
                output(p)
                    .Answer(
                        await client.ListWebhooksAsync(
                            p.GetValue(source),
                            p.GetValue(state),
                            p.GetValue(since),
                            null,
                            p.GetValue(limit),
                            token
                        ),
                        OrchestratorJson.Default.WebhookPage,
                        Show
                    );
                return ExitCodes.Done;
            }
        );
        return list;
    }

    private static Command Replay(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var ids = new Argument<long[]>("ids")
        {
            Description = "Numbers of deliveries.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var failed = new Option<bool>("--failed") { Description = "All that were given up." };
        var replay = new Command("replay", "Handle deliveries again.") { ids, failed };
        replay.SetAction(
            async (p, token) =>
            {
                using var client = finder(p).Connect();
                return Report(
                    output(p),
                    await client.ReplayWebhooksAsync(
                        new WebhookReplayRequest
                        {
                            Ids = p.GetValue(ids) is { Length: > 0 } some ? some : null,
                            Failed = p.GetValue(failed),
                        },
                        token
                    ),
                    "handled again"
                );
            }
        );
        return replay;
    }

    private static Command Deliveries(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var endpoint = new Option<string?>("--endpoint") { Description = "Only this one's." };
        var state = new Option<string?>("--state") { Description = "waiting, delivered or dead." };
        var limit = Limit();
        var deliveries = new Command(
            "deliveries",
            "List messages to our endpoints, the newest first."
        )
        {
            endpoint,
            state,
            limit,
        };
        deliveries.SetAction(
            async (p, token) =>
            {
                using var client = finder(p).Connect();
                output(p)
                    .Answer(
                        await client.ListWebhookDeliveriesAsync(
                            p.GetValue(endpoint),
                            p.GetValue(state),
                            null,
                            p.GetValue(limit),
                            token
                        ),
                        OrchestratorJson.Default.WebhookMessagePage,
                        Show
                    );
                return ExitCodes.Done;
            }
        );
        return deliveries;
    }

    private static Command Resend(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var ids = new Argument<long[]>("ids")
        {
            Description = "Numbers of messages.",
            Arity = ArgumentArity.OneOrMore,
        };
        var resend = new Command(
            "resend",
            "Send messages again, under the same ids; opens an endpoint that answered 410."
        )
        {
            ids,
        };
        resend.SetAction(
            async (p, token) =>
            {
                using var client = finder(p).Connect();
                return Report(
                    output(p),
                    await client.ResendWebhooksAsync(
                        new WebhookResendRequest { Ids = p.GetValue(ids)! },
                        token
                    ),
                    "to be sent again"
                );
            }
        );
        return resend;
    }

    private static Option<int> Limit() =>
        new("--limit")
        {
            Description = "At most so many, 1 to 1,000.",
            DefaultValueFactory = _ => 100,
        };

    private static void Show(WebhookPage page)
    {
        foreach (var d in page.Deliveries)
        {
            Output.Line(
                $"{d.Id, 6}  {d.At:u}  {d.Source}  {d.Event}  {d.State}  tries={d.Tries}  {d.DeliveryId}  {d.Words}"
            );
        }
        Output.Line($"{page.Waiting} wait to be handled.");
    }

    private static void Show(WebhookMessagePage page)
    {
        foreach (var m in page.Messages)
        {
            Output.Line(
                $"{m.Id, 6}  {m.At:u}  {m.Endpoint}  {m.Event}  {m.State}  tries={m.Tries}  status={m.Status}  {m.MessageId}  {m.Words}"
            );
        }
        foreach (var closed in page.Closed)
        {
            Output.Line("closed: " + closed);
        }
    }

    private static int Report(Output output, WorkReport report, string words)
    {
        output.Answer(
            report,
            OrchestratorJson.Default.WorkReport,
            r =>
            {
                Output.Line($"{r.Done.Count} {words}");
                foreach (var problem in r.Problems)
                {
                    Output.Line(problem);
                }
            }
        );
        return report.Problems.Count > 0 ? ExitCodes.Failed : ExitCodes.Done;
    }
}
