import { type NotificationMessage, VirtkitError } from '@virtkit/spi'
import { z } from 'zod'
import type { MailContent, MailTemplate } from '../options/options.ts'

const content = z.object({
  subject: z.string().max(500),
  text: z.string().max(1_000_000),
  html: z.string().max(1_000_000).optional(),
})

/** What a mail says when the host has no template. */
export const plainMail: MailTemplate = ({ title, text }) => ({ subject: `[virtkit] ${title}`, text })

/**
 * What a mail says. Promises: a template that fails, or answers what is no mail, keeps nobody from being told; a subject is one line.
 */
export function mailContent(
  message: NotificationMessage,
  template: MailTemplate,
  onError: (error: VirtkitError) => void,
): MailContent {
  try {
    const { subject, text, html } = content.parse(template(message))
    return { subject: subject.replaceAll(/\s+/gu, ' '), text, ...(html === undefined ? {} : { html }) }
  } catch (cause) {
    onError(
      new VirtkitError('INTERNAL', 'The mail template failed; the mail goes out without it.', {
        details: {},
        hint: 'A template answers { subject, text, html? } with texts (`notifications.mailTemplate`).',
        cause,
      }),
    )
    return plainMail(message)
  }
}
