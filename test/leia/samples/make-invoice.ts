// Makes invoice.pdf beside this file: node test/leia/samples/make-invoice.ts
// Three pages: an invoice, its order lines and terms, a cover letter. The same bytes each time.
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import PDFDocument from 'pdfkit';

const made = new Date('2026-01-31T09:00:00Z');

const lines = [
  ['Pallet of copier paper, 80 g', 4, 212.5],
  ['Toner cartridge, black', 12, 48.9],
  ['Filing cabinet, four drawers', 2, 389],
  ['Delivery and carriage', 1, 65],
] as const;

const net = lines.reduce((sum, [, quantity, price]) => sum + quantity * price, 0);
const money = (amount: number): string => amount.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ',');

type Pdf = PDFKit.PDFDocument;

const sender = (pdf: Pdf): void => {
  pdf.font('Helvetica-Bold').fontSize(18).text('Alder & Finch Office Supplies Ltd', 60, 60);
  pdf.font('Helvetica').fontSize(11).text('8 Tannery Row, Leeds LS1 4HT', 60, 86);
  pdf.text('VAT registration number GB 731 5520 18', 60, 102);
};

const field = (pdf: Pdf, y: number, name: string, value: string): void => {
  pdf.font('Helvetica-Bold').text(name, 60, y, { width: 150 });
  pdf.font('Helvetica').text(value, 220, y);
};

const row = (pdf: Pdf, y: number, cells: string[]): void => {
  const [what = '', quantity = '', price = '', amount = ''] = cells;
  pdf.text(what, 60, y, { width: 250 });
  pdf.text(quantity, 310, y, { width: 40, align: 'right' });
  pdf.text(price, 360, y, { width: 80, align: 'right' });
  pdf.text(amount, 450, y, { width: 85, align: 'right' });
};

const invoicePage = (pdf: Pdf): void => {
  sender(pdf);
  pdf.font('Helvetica-Bold').fontSize(18).text('INVOICE', 60, 150);
  pdf.fontSize(12);
  field(pdf, 200, 'Invoice number:', 'AF-2026-0117');
  field(pdf, 222, 'Invoice date:', '31 January 2026');
  field(pdf, 244, 'Payment due:', '2 March 2026');
  field(pdf, 266, 'Bill to:', 'Marlowe Architects, 3 Quay Lane, Bath');
  field(pdf, 288, 'Your reference:', 'purchase order MK-2026-009');
  pdf.text('Goods as listed on the next page.', 60, 330);
  field(pdf, 370, 'Subtotal', `GBP ${money(net)}`);
  field(pdf, 392, 'VAT 20 %', `GBP ${money(net * 0.2)}`);
  pdf.fontSize(14);
  field(pdf, 422, 'Total due', `GBP ${money(net * 1.2)}`);
  pdf.fontSize(11).text('Please pay by bank transfer within 30 days and quote the invoice number.', 60, 480);
  pdf.text('Account name Alder & Finch, IBAN GB41 ALFI 6016 1331 9268 19', 60, 498);
};

const linesPage = (pdf: Pdf): void => {
  sender(pdf);
  pdf.font('Helvetica-Bold').fontSize(16).text('Order lines', 60, 150);
  pdf.fontSize(11);
  row(pdf, 185, ['Description', 'Qty', 'Unit price', 'Amount']);
  pdf.font('Helvetica');
  for (const [index, [what, quantity, price]] of lines.entries()) {
    row(pdf, 210 + index * 22, [what, String(quantity), money(price), money(quantity * price)]);
  }
  pdf.font('Helvetica-Bold').fontSize(16).text('Terms', 60, 330);
  pdf.font('Helvetica').fontSize(11);
  pdf.text('1. Goods remain our property until the invoice has been paid in full.', 60, 360);
  pdf.text('2. Damage must be reported within seven days of delivery.', 60, 380);
  pdf.text('3. Late payment is charged with interest at eight per cent a year.', 60, 400);
};

const letterPage = (pdf: Pdf): void => {
  sender(pdf);
  pdf.fontSize(12).text('Leeds, 31 January 2026', 60, 150);
  pdf.text('Dear Ms Marlowe,', 60, 190);
  pdf.text(
    'Thank you very much for your letter and for your patience. Please find enclosed our invoice for the ' +
      'goods that we delivered last week. I apologise again that two of the boxes reached you a day late.',
    60,
    220,
    { width: 470 },
  );
  pdf.text(
    'If you have any questions, please do not hesitate to write or call; I shall be glad to help. We have ' +
      'enjoyed working with you and look forward to hearing from you again.',
    60,
    280,
    { width: 470 },
  );
  pdf.text('Yours sincerely,', 60, 350);
  pdf.text('Martha Finch', 60, 390);
};

const pdf = new PDFDocument({
  size: 'A4',
  margin: 60,
  autoFirstPage: false,
  info: { Title: 'Invoice AF-2026-0117', Author: 'Alder & Finch', CreationDate: made, ModDate: made },
});
const file = pdf.pipe(createWriteStream(new URL('invoice.pdf', import.meta.url)));
for (const page of [invoicePage, linesPage, letterPage]) {
  pdf.addPage();
  page(pdf);
}
pdf.end();
await finished(file);
