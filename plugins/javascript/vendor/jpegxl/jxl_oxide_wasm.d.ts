/** What is used of jxl-oxide-wasm. */
export class JxlImage {
  feedBytes(bytes: Uint8Array): number;
  tryInit(): boolean;
  readonly loaded: boolean;
  readonly animated: boolean | undefined;
  render(): { encodeToPng(): Uint8Array };
  free(): void;
}
declare const init: (options: { module_or_path: Uint8Array }) => Promise<unknown>;
export default init;
