using System.Text;
using Orchestrator.Decisions.Redaction;

namespace Orchestrator.Silo.Api;

/// <summary>A text as answer, without its secrets. Redacting JSON text keeps it JSON.</summary>
internal sealed class RedactedText(string text, string contentType, int status) : IResult
{
    /// <inheritdoc />
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var redactor = httpContext.RequestServices.GetRequiredService<Redactor>();
        return Results
            .Text(redactor.Redact(text), contentType, Encoding.UTF8, status)
            .ExecuteAsync(httpContext);
    }
}
